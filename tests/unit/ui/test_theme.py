import pytest
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF

from studio.document.project import TRACK_COLORS
from studio.ui import theme


def luminance(value: QColor) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in value.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(theme.color(a)), luminance(theme.color(b))), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", ["bg", "panel", "raised", "well"])
@pytest.mark.parametrize("ink", ["text", "dim", "accent", "rec_text", "warn", "ok"])
def test_text_can_be_read(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= 4.5


def test_tracks_have_the_colours_of_the_document() -> None:
    assert TRACK_COLORS == theme.TRACKS
    assert theme.track_palette()[: len(TRACK_COLORS)] == TRACK_COLORS
    assert len(set(theme.track_palette(18))) == 18


def test_unknown_colours_are_an_error() -> None:
    with pytest.raises(KeyError):
        theme.color("no such token")


def test_mix_lies_between() -> None:
    assert theme.mix("text", "bg", 0.0) == theme.color("bg")
    assert theme.mix("text", "bg", 1.0) == theme.color("text")


def test_every_token_in_the_style_sheet_exists(qapp: object) -> None:
    assert "$" not in theme.style_sheet()


def test_faces_are_bundled_with_real_weights_and_even_figures(qapp: object) -> None:
    assert theme.load_fonts() == []
    assert QFontInfo(theme.font()).family() == "Inter"
    assert QFontInfo(theme.font(mono=True)).family() == "JetBrains Mono"
    widths = {QFontMetricsF(theme.font(14, weight)).horizontalAdvance("Studio") for weight in ("regular", "semibold")}
    assert len(widths) == 2
    figures = QFontMetricsF(theme.font(14))
    assert figures.horizontalAdvance("111") == pytest.approx(figures.horizontalAdvance("888"))
