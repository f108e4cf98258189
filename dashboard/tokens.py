"""The tokens of the house's look: colours for light and dark, as the yard's stylesheet has them.

Streamlit's theme (`.streamlit/config.toml`), the charts and the desk's stylesheet use these same
values; a test holds them all equal.
"""

from pathlib import Path
from typing import Final, Literal

Theme = Literal["light", "dark"]

TOKENS: Final[dict[Theme, dict[str, str]]] = {
    "light": {
        "ink": "#1B1F23",
        "ink-soft": "#5B6570",
        "paper": "#FBFAF7",
        "raised": "#FFFFFF",
        "line": "#E4E1D9",
        "madang": "#1F6F5C",
        "positive": "#2B7BBA",
        "neutral": "#B8BDC4",
        "negative": "#D9622B",
        "warning": "#B7791F",
        "danger": "#B3261E",
    },
    "dark": {
        "ink": "#ECEFF1",
        "ink-soft": "#9AA5B1",
        "paper": "#14171A",
        "raised": "#1C2126",
        "line": "#2C333A",
        "madang": "#5CC2A5",
        "positive": "#6DB1E8",
        "neutral": "#6B737C",
        "negative": "#F08A55",
        "warning": "#E3B04B",
        "danger": "#F2746B",
    },
}

FONTS: Final = (
    "'Madang Sans', Pretendard, -apple-system, BlinkMacSystemFont, 'Apple SD Gothic Neo', "
    "'Noto Sans KR', 'Noto Sans CJK KR', 'Malgun Gothic', 'Segoe UI', sans-serif"
)

STYLESHEET: Final = Path(__file__).parent / "desk.css"


def stylesheet(theme: Theme) -> str:
    """The desk's one style element, with the colours of the theme that the browser shows."""
    variables = "".join(f"--{name}:{value};" for name, value in TOKENS[theme].items())
    rules = STYLESHEET.read_text(encoding="utf-8")
    return f"<style>:root{{{variables}}}\n{rules}</style>"
