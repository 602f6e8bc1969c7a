// Likelihoods: what a decoder's output means for a pixel. The same as models/likelihoods.py.

const SERIES_LIMIT = 1; // logits smaller than this go through a series
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

function continuousMean(logit) {
  const size = Math.abs(logit);
  if (size < SERIES_LIMIT) {
    const square = logit * logit;
    return 0.5 + logit * (1 / 12 + square * (-1 / 720 + square * (1 / 30240 - square / 1209600)));
  }
  const rest = 1 / size + Math.exp(-size) / Math.expm1(-size);
  return logit > 0 ? 1 - rest : rest;
}

/** ln of the integral of exp(logit x) over x from 0 to 1. */
function logNormaliser(logit) {
  const size = Math.abs(logit);
  if (size < SERIES_LIMIT) {
    const square = logit * logit;
    return logit / 2 +
      square * (1 / 24 + square * (-1 / 2880 + square * (1 / 181440 - square / 9676800)));
  }
  return Math.max(logit, 0) + Math.log1p(-Math.exp(-size)) - Math.log(size);
}

// each: the picture to be shown, and -ln p of a pixel, in nats
const LIKELIHOODS = {
  bernoulli: {
    mean: (logit) => 1 / (1 + Math.exp(-logit)),
    nats: (logit, pixel) =>
      Math.max(logit, 0) - logit * pixel + Math.log1p(Math.exp(-Math.abs(logit))),
  },
  "continuous-bernoulli": {
    mean: continuousMean,
    nats: (logit, pixel) => logNormaliser(logit) - logit * pixel,
  },
  gaussian: {
    mean: (value) => value,
    nats: (value, pixel, logScale) =>
      0.5 * ((pixel - value) * Math.exp(-logScale)) ** 2 + logScale + HALF_LOG_TWO_PI,
  },
};

/** The picture to be shown, of what a decoder says. */
export function meanOf({ kind }, parameters) {
  return parameters.map(LIKELIHOODS[kind].mean);
}

/** -ln p(image | parameters), in nats, summed over pixels and channels. */
export function natsOf({ kind, logScale }, parameters, image) {
  const { nats } = LIKELIHOODS[kind];
  return image.reduce((sum, pixel, i) => sum + nats(parameters[i], pixel, logScale), 0);
}
