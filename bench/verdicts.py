"""A row of the page, and what one says of an interval. A row holds if the unfavourable end of the 95 % interval does."""
import dataclasses


@dataclasses.dataclass
class Row:
    name: str  # of the experiment
    title: str
    reach: str
    measured: str
    verdict: str  # "held", "**not held**, ...", "**void**, ...", or "" where nothing was promised


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def interval_text(interval, digits=3, unit=""):
    low, high, median = (f"{interval[key]:,.{digits}f}" for key in ("low95", "high95", "median"))
    return f"{median}{unit} ({low} to {high})"


def at_most(interval, limit, unit=""):
    end, median = interval["high95"], interval["median"]
    if end <= limit:
        return "held"
    return (f"**not held**: the upper end, {end:.3f}{unit}, is {end - limit:.3f}{unit} above"
            + ("; the median is within" if median <= limit else ""))


def at_least(interval, limit, unit="x"):
    end, median = interval["low95"], interval["median"]
    if end >= limit:
        return "held"
    return (f"**not held**: the lower end, {end:.3f}{unit}, is {limit - end:.3f}{unit} below"
            + ("; the median is within" if median >= limit else ""))


def both(*verdicts):
    """Of a row with several conditions: all that do not hold."""
    broken = [verdict for verdict in verdicts if verdict != "held"]
    return "; ".join(broken) or "held"
