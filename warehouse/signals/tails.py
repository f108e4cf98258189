"""The negative binomial of counts with a mean and a scatter (variance over mean, above one).

`scipy.stats` takes a second to import: it is imported when there is something to test, for most
commands test nothing.
"""

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.float64]


def upper_tail(seen: Counts, mean: Counts, scatter: Counts) -> Counts:
    """How likely at least `seen` are, element by element."""
    from scipy.stats import nbinom

    tail: Counts = nbinom.sf(seen - 1, mean / (scatter - 1), 1 / scatter)
    return tail


def central(mean: Counts, scatter: Counts, share: float) -> tuple[Counts, Counts]:
    """The counts between which `share` of all are, half of the rest on either side."""
    from scipy.stats import nbinom

    size, outside = mean / (scatter - 1), (1 - share) / 2
    return nbinom.ppf(outside, size, 1 / scatter), nbinom.ppf(1 - outside, size, 1 / scatter)
