"""Every link and picture of README, changelog, docs and experiments leads somewhere, and every page is in the site."""

import re

import pytest

from experiments import readmes

ROOT = readmes.ROOT
RESULTS = sorted(path for path in (ROOT / "experiments").glob("*/*.md") if path.name != "README.md")
PATHS = [*readmes.paths(), ROOT / "CHANGELOG.md", *RESULTS]
TEXTS = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in PATHS}
DOCS = ROOT / "docs"


def prose(text):
    """A text without code, in which brackets are no links and # begins no heading."""
    text = re.sub(r"^( *)(`{3,}).*?^\1\2`*$", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", lambda code: code[0].replace("](", "] ("), text)


def anchors(text):
    """The fragments that lead to headings, as GitHub and MyST form them."""
    found = []
    for title in re.findall(r"^#+ (.*)$", prose(text), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title.strip().lower())
        found.append(re.sub(r"[^\w -]", "", plain).replace(" ", "-"))
    repeated = [f"{name}-{found[:index].count(name)}" for index, name in enumerate(found) if name in found[:index]]
    return {*found, *repeated}


def links(text):
    """What the links and pictures of a text lead to, outside of code, without addresses."""
    found = re.findall(r"\]\(\s*<?([^)\s>]+)[^)]*\)", prose(text))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_and_picture_leads_to_a_file_of_the_repository(name):
    for link in links(TEXTS[name]):
        path, _, fragment = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.exists(), link
        assert ROOT in target.resolve().parents, link
        assert readmes.BUILT not in target.resolve().parents, link
        if fragment:
            assert fragment in anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("name", [name for name in TEXTS if name.startswith(("docs/", "experiments/", "CHANGELOG"))])
def test_pages_of_the_site_link_no_folder_and_not_the_readme(name):
    """These work on the repository's page alone."""
    for link in links(TEXTS[name]):
        file = link.partition("#")[0]
        target = ((ROOT / name).parent / file).resolve() if file else ROOT / name
        assert target.is_file(), link
        assert target != ROOT / "README.md", link


def test_every_page_of_docs_is_in_the_table_of_contents():
    listed, ahead = {DOCS / "index.md"}, [DOCS / "index.md"]
    while ahead:
        page = ahead.pop()
        for block in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            for entry in (line for line in block.splitlines() if line and not line.startswith(":")):
                found = {path.resolve() for path in page.parent.glob(f"{entry}.md")}
                assert found, (page, entry)
                ahead += found - listed
                listed |= found
    pages = {path for path in readmes.paths() if DOCS in path.parents}
    assert pages <= listed, [str(path.relative_to(ROOT)) for path in pages - listed]


def test_links_are_found_and_anchors_are_those_of_headings():
    """The test itself: code holds no links and no headings, and a second heading of a name has a number."""
    text = "# One `two`, three\n```sh\n# four\n[a](b)\n```\n`[c](d)` [e](f#g) [h](https://i) ![j](k.png)\n"
    text += "## Five\n## Five\n"
    assert links(text) == ["f#g", "k.png"]
    assert anchors(text) == {"one-two-three", "five", "five-1"}
