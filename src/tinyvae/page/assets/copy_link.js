// A link to what is on the page, and what it does not hold.
import { fitsLink } from "./links.js";
import { find } from "./panel.js";

const SHOWN = 2000; // milliseconds for which the button says that it is done

export async function copyLink(address, state, say) {
  const [button, note] = [find("copy-link"), find("link-note")];
  const link = address.link();
  address.write("replaceState");
  let said = "Link copied";
  try {
    await navigator.clipboard.writeText(link);
  } catch { // no clipboard for a file on disk in some browsers: the address has it too
    said = "The link is in the address";
  }
  button.textContent = said;
  note.textContent = state.own ? ownWords(state) : "";
  say(`${said}. ${note.textContent}`);
  setTimeout(() => { button.textContent = "Copy link"; }, SHOWN);
}

function ownWords(state) {
  return fitsLink(state)
    ? "The link holds your own picture too."
    : "Your own picture is too large for a link: whoever opens it sees a picture of the data.";
}
