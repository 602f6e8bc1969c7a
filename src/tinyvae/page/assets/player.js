// Steps that play one after another, until something else begins or stops them.

export class Player {
  constructor() {
    this.number = 0; // of what plays now
    this.stepping = false; // whether a change is the player's own
    this.home = null; // what undoes all steps, while they play
  }

  /** Play steps, and go home at the end; the home of what is interrupted stays. */
  async play(steps, { home = null, milliseconds = 33 } = {}) {
    const number = (this.number += 1);
    this.home ??= home;
    for (const step of steps) {
      if (this.number !== number) return;
      this.own(step);
      await new Promise((done) => { setTimeout(done, milliseconds); });
    }
    if (this.number === number) this.goHome();
  }

  /** Undo what plays. */
  goHome() {
    const { home } = this;
    this.stop();
    if (home) this.own(home);
  }

  /** Leave everything as it is now. */
  stop() {
    this.number += 1;
    this.home = null;
  }

  own(change) {
    this.stepping = true;
    change();
    this.stepping = false;
  }
}
