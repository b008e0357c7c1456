r"""How far from the global parameters an honest site can come in a round; pure.

Follows from the study alone. Of one step of stochastic gradient descent with Nesterov momentum
:math:`\mu`, learning rate :math:`\eta` and weight decay :math:`\delta`, from gradients clipped to
:math:`c`, the length is at most :math:`\eta / (1 - \mu) \cdot (c + \delta \lVert\theta\rVert)`:
the momentum is a sum of earlier gradients with weights :math:`1, \mu, \mu^2, \ldots`, and starts
at nothing in every round. The pull of ``proximal_weight`` is within the clipped gradient, and
sharpness-aware steps put the parameters back.
"""

import math
from typing import Final

from coordinator.parameters import Group
from coordinator.study import Encoding, Method

_ROUNDING = 2.0**-23
"""Of a float32 parameter, relative, in one step: half of it for the sum, as much for spare."""
_SPARE = 1.001
"""For the rounding of the gradient's own norm, when it is clipped."""

LENGTHENING: Final[dict[Encoding, float]] = {
    "float32": 1.0,
    "float16": 1.01,
    "int8": 1.1,
    "int4": 2.0,
}
"""How much longer rounding may make a difference. What it adds is at right angles to it on the
average: 0.64 of its length with int4 if the values are far from a Gaussian (Student's t with 4
degrees of freedom), which makes it 1.2 times as long; the rest is spare."""


def step_count(method: Method, group: Group) -> int:
    """Return how often a site's optimizer moves a parameter group in a round, at most."""
    if group is Group.FEATURE_EXTRACTOR:
        loop_count = 1 if method.loops == "shared" else 2
        return method.local_steps * method.repeat * loop_count
    if group is Group.DOMAIN_CLASSIFIER and method.domains == "frozen":
        return 0
    return method.local_steps


def farthest(method: Method, group: Group, start_norm: float) -> float:
    r"""Return the largest distance that training can put between a group and where it started.

    With :math:`a = \eta / (1 - \mu)` each step takes a distance :math:`\Delta` to at most
    :math:`\Delta + a (c + \delta (\lVert\theta_0\rVert + \Delta))`; this is what :math:`T` steps
    make of 0, and a little for rounding.

    Args:
        method: Of the study.
        group: The parameter group.
        start_norm: Euclidean norm of the group in the global parameters.
    """
    count = step_count(method, group)
    rate = method.learning_rate / (1 - method.momentum)
    decay = method.weight_decay
    if decay:
        growth = _expm1(count * math.log1p(rate * decay))
        distance = (method.gradient_clip / decay + start_norm) * growth
    else:
        distance = rate * method.gradient_clip * count
    return _SPARE * distance + count * _ROUNDING * (start_norm + distance)


def _expm1(exponent: float) -> float:
    try:
        return math.expm1(exponent)
    except OverflowError:
        return math.inf
