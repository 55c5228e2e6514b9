"""The order of semantic versions."""

from operators.versions import is_prerelease, precedence


def test_versions_are_ordered_as_semantic_versioning_says() -> None:
    ordered = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
        "1.2.0",
        "1.10.0",
        "2.0.0",
    ]
    assert sorted(ordered, key=precedence) == ordered
    assert precedence("1.0.0+build.5") == precedence("1.0.0")


def test_a_build_is_no_pre_release() -> None:
    assert is_prerelease("1.0.0-rc.1")
    assert not is_prerelease("1.0.0+build-5")
