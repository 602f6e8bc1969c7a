// What is on the page: a model, perhaps another beside it, and how both are shown.
import { Display } from "./display.js";
import { State } from "./state.js";

export class Stage {
  constructor(models, start) {
    this.display = new Display(start);
    this.state = new State(models, this.display);
    this.other = new State(models, this.display); // the model beside, where there is one
    this.other.held = true;
    this.two = false;
    this.state.onChange(() => {
      if (this.two && this.other.image !== this.state.image) this.other.hold(this.state);
    });
  }

  /** The models that are shown. */
  get states() { return this.two ? [this.state, this.other] : [this.state]; }

  /** Whether a model can take the pictures of the one shown, and is another. */
  canStandBeside(place) {
    const [one, two] = [this.state.model, this.state.models[place]];
    const form = ({ shape, world }) =>
      JSON.stringify([shape, world.pixels, world.factors.map(({ name }) => name)]);
    return place !== null && one !== two && one.runs && two.runs && form(one) === form(two);
  }

  get canBeCompared() {
    return this.state.models.some((_, place) => this.canStandBeside(place));
  }

  /** Another model; where it stands beside already, the two change places. */
  setModel(place) {
    const { state, other, two } = this;
    const before = state.place;
    const beside = other.place === place ? before : other.place;
    this.part();
    state.setModel(place);
    if (two && this.canStandBeside(beside)) this.setBeside(beside);
  }

  /** Show a model beside, with the same picture held. */
  setBeside(place) {
    Object.assign(this, { two: true });
    this.state.held = true;
    this.other.place = place;
    this.other.hold(this.state);
  }

  /** Show one model only. */
  part() {
    this.two = false;
    this.state.held = false;
  }
}
