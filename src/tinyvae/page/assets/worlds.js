// Which script stands for which world.
import { once } from "./numbers.js";
import { CirclesWorld } from "./worlds/circles.js";
import { OwnPicturesWorld } from "./worlds/own.js";

// worlds that the page draws: one line each
const DRAWN = { circles: CirclesWorld };

/** What the page does with the world of a model; null where it has no picture of it. */
export function worldOf(model) {
  if ("scene" in model) return model.scene;
  const Drawn = DRAWN[model.world.kind];
  if (model.world.script && Drawn) return once(model, "scene", new Drawn(model));
  return once(model, "scene", model.pictures ? new OwnPicturesWorld(model) : null);
}
