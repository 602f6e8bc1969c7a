// The page on the whole screen, for a class; hidden where the browser has no such thing.

export function offerFullScreen(button, say) {
  const isFull = () => document.fullscreenElement !== null;
  button.hidden = !document.fullscreenEnabled;
  button.addEventListener("click", async () => {
    try {
      if (isFull()) await document.exitFullscreen();
      else await document.documentElement.requestFullscreen();
    } catch {
      say("The browser does not allow full screen here.");
    }
  });
  document.addEventListener("keydown", ({ key }) => { // where the browser leaves it to the page
    if (key === "Escape" && isFull()) document.exitFullscreen();
  });
  document.addEventListener("fullscreenchange", () => {
    button.textContent = isFull() ? "Leave full screen (Esc)" : "Full screen";
  });
}
