"""How the numbers were made, and after whom."""

from desktop_client.reporting.document import Bullets, Section
from desktop_client.training.measuring import BIN_COUNT, RESAMPLE_COUNT


def how_numbers_were_made() -> Section:
    """Name the methods and their sources."""
    return Section(
        "How the numbers were made",
        (
            Bullets(
                (
                    "Held-out images: whole patients are drawn so that the shares of classes and "
                    "scanners come near those of all images.",
                    "Intervals of shares: Wilson 1927, doi:10.1080/01621459.1927.10502953.",
                    f"Intervals of AUC: {RESAMPLE_COUNT:,} bootstrap draws of patients, not of "
                    "images, percentiles 2.5 and 97.5; Efron and Tibshirani 1993, chapter 13.",
                    f"Confidence: expected calibration error over {BIN_COUNT} bins of equal "
                    "width, and a temperature of at least 1; Guo et al. 2017, arXiv:1706.04599.",
                    "Scanner recognised: balanced accuracy of the better of a logistic regression "
                    "and a small neural network on the features, cross-validated by patient.",
                    "Where it looks: Grad-CAM; Selvaraju et al. 2017, arXiv:1610.02391.",
                    "Headings of a model card: Mitchell et al. 2019, doi:10.1145/3287560.3287596.",
                )
            ),
        ),
    )
