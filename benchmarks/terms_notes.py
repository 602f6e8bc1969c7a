"""The words of the tables of `elbo_terms.py`."""

from __future__ import annotations

DEFINITIONS = """Which definitions differ:

- **VAE, beta-VAE**: none, once the loss is set. By default pythae takes half the
  squared error, and disent means over pixels and latents of the squared error, with
  beta 0.003. Here both sum the cross entropy over pixels and the KL over latents.
  pythae takes probabilities instead of logits: its last digits differ.
- **beta-TCVAE, pythae**: the KL is that of the draws, ln q(z|x) - ln p(z), instead of
  the closed form: the same mean, with more noise. The weighted estimate of the total
  correlation (`use_mss=False`) has a constant, (latents - 1) ln(pictures), which counts
  beta - 1 times and has no gradient.
- **beta-TCVAE, stratified** (`use_mss=True`, pythae's default), beside tinyvae's
  `num_pictures`: the weight of a draw's own posterior belongs on the diagonal of the
  matrix of weights, but pythae's code writes it to the first column (it strides by the
  batch size, not by one more). So nearly all draws keep the weight 1 / (batch - 1) for
  their own posterior, and the estimate is about the weighted one. The authors' code of
  the paper has the same line.
- **beta-TCVAE, disent**: beta also weighs the whole KL: the loss has
  beta KL + (beta - 1) TC, where the paper has KL + (beta - 1) TC. The source marks it
  with a TODO. The estimate of the total correlation also lacks the
  constant (latents - 1) ln(batch).
- **FactorVAE, pythae**: the loss is the same. But the discriminator's loss is computed
  on latents that keep their gradient, and so its gradient is added to that of the
  encoder, which then helps the discriminator. pythae takes one minibatch and halves it;
  it gets twice as many pictures, so that both halves are as large as tinyvae's two
  minibatches. Its discriminator is replaced by one of tinyvae's size: its own has five
  layers of 1000 units.
- **FactorVAE, disent**: disent 0.8.0 has its metric, but no such framework.

More steps on the same noise say less, since roundings grow. In one run of ten steps the
weights of pythae's beta-TCVAE and FactorVAE were up to 3e-3 of their way from those of
tinyvae, which were as far from those of pythae's code in double precision. In FactorVAE
the ReLUs do that: with SiLU in both discriminators the distance was 2e-5."""

ESTIMATES = """Estimates of the total correlation from minibatches of {batch} different
circles, under the first VAE that tinyvae trained by beta-TCVAE: exact {exact:.2f} nats;
stratified, tinyvae {stratified:.2f}; stratified, pythae's weights {theirs:.2f};
weighted {weighted:.2f} (means of {minibatches} minibatches)."""

SETTING = """Circles of 32x32 pixels, all 1536 in memory; 1024-256-128-3, SiLU, decoder
mirrored; minibatches of 256 drawn with repetition; {steps} steps of Adam (0.9, 0.99),
from rate 0.004 along a cosine to 2 %; {seeds} seeds, each row with its own. Initial
weights are tinyvae's for all. beta-VAE and beta-TCVAE have beta 4, FactorVAE gamma 30.

Terms are means over all circles, in nats, by one evaluation: the weights are put into a
VAE of tinyvae, with 16 draws from each posterior; the total correlation is that of the
exact mixture of all posteriors. Mean over seeds ± standard deviation."""

TIMING = """Seconds of {steps} steps: medians over seeds. Ratios are taken within a
round, in which each row trains once; in brackets their range. All take their pictures
from memory. tinyvae runs the compiled loop of `tinyvae train`, with its bookkeeping.
The models and steps of pythae and disent run in a plain loop, without the trainers,
loaders and logging of these libraries, which would add to their time. Compilation is
not counted: tinyvae compiles once for each objective, which took {low:.0f} to
{high:.0f} s with the initial weights and two steps."""
