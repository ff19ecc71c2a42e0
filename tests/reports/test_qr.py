"""The square code says which bundle, which log and which size."""

from custody.reports.qr import code_svg, code_text


def test_the_code_names_bundle_log_and_size() -> None:
    text = code_text(bundle_sha256="ab" * 32, origin="evidence.example/log", size=19255)
    assert text.splitlines() == [
        "unbroken.custody-bundle/v1",
        "sha256 " + "ab" * 32,
        "log evidence.example/log",
        "size 19255",
    ]


def test_the_same_text_gives_the_same_drawing_and_another_text_another() -> None:
    assert code_svg("a") == code_svg("a") != code_svg("b")
    assert code_svg("a").startswith("<svg ") and "http" not in code_svg("a").replace(
        "http://www.w3.org/2000/svg", ""
    )
