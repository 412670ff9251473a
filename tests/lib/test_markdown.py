"""The Markdown dialects, judged after the sanitizer, as a reader gets them."""

import threading

import pytest

from blog.lib.code_blocks import fences
from blog.lib.markdown import to_raw_html
from blog.lib.sanitize import sanitize
from blog.lib.text import plain_text


def article(text: str) -> str:
    return sanitize(to_raw_html(text, "article"), "article")


def comment(text: str) -> str:
    return sanitize(to_raw_html(text, "comment"), "comment")


def inline(text: str) -> str:
    return sanitize(to_raw_html(text, "inline"), "inline")


def test_a_first_level_heading_becomes_h2_and_the_others_move_with_it():
    html = article("# A\n\n## B\n\n###### F")
    assert '<h2 id="user-content-a">A</h2>' in html
    assert '<h3 id="user-content-b">B</h3>' in html
    assert '<h6 id="user-content-f">F</h6>' in html
    assert "<h1" not in html


def test_a_body_without_first_level_headings_keeps_its_levels():
    assert article("## A") == '<h2 id="user-content-a">A</h2>'


def test_headings_of_the_same_words_get_different_ids():
    html = article("## Part\n\n## Part\n\n## Part 2\n\n## Part--2\n\n## ***")
    ids = [piece.split('"')[0] for piece in html.split('id="')[1:]]
    assert len(ids) == len(set(ids)) == 5


def test_a_table_scrolls_in_a_box_and_keeps_its_alignment():
    html = article("| a | b |\n|:-:|--:|\n| 1 | 2 |")
    assert html.startswith('<div class="table-scroll" tabindex="0"><table>')
    assert '<th class="align-center" scope="col">a</th>' in html
    assert '<td class="align-right">2</td>' in html
    assert "style" not in html


def test_fenced_code_is_coloured_with_classes_only():
    html = article('```python\nprint("<x>")\n```')
    assert '<div class="highlight"><pre tabindex="0"><code>' in html
    assert '<span class="nb">print</span>' in html
    assert "&lt;x&gt;" in html
    assert "style" not in html


@pytest.mark.parametrize("language", ["nosuchlanguage", "", '"><script>', "{.python onclick=x}", "../etc/passwd"])
def test_code_of_any_language_shows_as_typed(language):
    html = article(f"```{language}\n<b>&amp;\n```")
    assert plain_text(html) == "<b>&amp;"
    assert "script>" not in html
    assert "onclick" not in html


def test_a_fence_in_a_list_item_belongs_to_the_item():
    html = article("1. one\n   ```\n   code\n     more\n   ```\n2. two")
    assert html.count("<ol>") == 1
    assert "<code>code\n  more\n</code>" in html


def test_a_fence_that_is_never_closed_is_not_one():
    assert list(fences(["```", "a", "~~~", "``", "b"])) == []
    assert [(f.first, f.last) for f in fences(["~~~", "```", "~~~~", "```", "x", "```"])] == [(0, 2), (3, 5)]


def test_thousands_of_open_fences_cost_little():
    assert list(fences(["`" * i + "a" for i in range(3, 600)] * 5)) == []


def test_footnotes_are_numbered_and_linked_under_our_prefix():
    html = article('A[^x"y] b[^x"y].\n\n[^x"y]: The note.')
    mark = html.split('href="#user-content-fn:')[1].split('"')[0]
    assert f'<li id="user-content-fn:{mark}">' in html
    assert f'<sup id="user-content-fnref:{mark}">' in html
    assert f'<sup id="user-content-fnref2:{mark}">' in html
    assert f'href="#user-content-fnref2:{mark}"' in html
    assert html.count("footnote-backref") == 2


def test_footnotes_stand_at_the_end_and_code_stays_in_its_place():
    html = article("A[^1]\n\n```\ncode\n```\n\n[^1]: N\n\n///Footnotes Go Here///")
    assert html.index("<code>code") < html.index("Footnotes Go Here") < html.index('class="footnote"')


def test_footnotes_of_two_texts_do_not_share_ids_and_do_not_leak():
    first, second = article("A[^1]\n\n[^1]: one"), article("B[^1]\n\n[^1]: two")
    ids = [{piece.split('"')[0] for piece in html.split('id="')[1:]} for html in (first, second)]
    assert not ids[0] & ids[1]
    assert "one" not in second
    assert "footnote" not in article("C[^1]")


def test_task_items_show_marks_and_no_input():
    html = article("- [ ] open\n- [x] **done**\n- [y] no")
    assert '<li class="task">☐ open</li>' in html
    assert '<li class="task">☑ <strong>done</strong></li>' in html
    assert "<li>[y] no</li>" in html
    assert "<input" not in html


def test_an_image_of_this_site_shows_and_one_from_elsewhere_becomes_a_link():
    assert article("![a](/media/x/y.png)") == '<p><img alt="a" loading="lazy" src="/media/x/y.png"></p>'
    foreign = article("![a](https://e.com/x.png) ![](https://e.com/y.png) [![b](//e.com/z.png)](https://e.com)")
    assert "<img" not in foreign
    assert '<a href="https://e.com/x.png" rel="nofollow ugc noopener">a</a>' in foreign
    assert ">https://e.com/y.png</a>" in foreign
    assert '<span class="image-alt">b</span></a>' in foreign


def test_a_block_of_typed_html_shows_as_typed():
    assert article("<p>*x*</p>\n\n<div>\ny\n</div>").startswith("<p>&lt;p&gt;<em>x</em>&lt;/p&gt;</p>")
    assert comment("<p>x</p>") == "<p>&lt;p&gt;x&lt;/p&gt;</p>"


@pytest.mark.parametrize("render", [article, comment, inline])
def test_html_that_people_type_shows_as_typed(render):
    typed = '<b onclick="x">bold</b> <!-- note --> <br> <details><summary>s</summary></details> <?php ?> <![CDATA[x]]>'
    html = render(typed)
    assert html.replace("&lt;", "<").replace("&gt;", ">").removeprefix("<p>").removesuffix("</p>") == typed


@pytest.mark.parametrize(
    "typed",
    [
        "{{ 7*7 }}",
        "{{text}}",
        "{{user}} {{datetime}}",
        "{% raw %}",
        "${7*7}",
        "#{7}",
        "%(x)s %s",
        "{0.__class__}",
        "{{ x.__class__ * y * z }}",
    ],
)
@pytest.mark.parametrize("render", [article, comment, inline])
def test_template_syntax_prints_as_typed(render, typed):
    assert render("a " + typed).removeprefix("<p>").removesuffix("</p>") == "a " + typed


@pytest.mark.parametrize(
    "typed", ["# not a heading", "![a](/media/b.png)", "|a|b|\n|-|-|\n|c|d|", "A[^1]\n\n[^1]: n", "a\n===", "---"]
)
def test_a_comment_has_no_headings_images_tables_or_footnotes(typed):
    html = comment(typed)
    assert not any(tag in html for tag in ("<h", "<img", "<table", "<sup", 'footnote"'))


def test_a_comment_has_emphasis_code_lists_quotes_and_links():
    html = comment("*a* **b** `c`\n\n- d\n\n1. e\n\n> f\n\n[g](https://h.com)\n\n```\ni\n```")
    for tag in ("<em>a", "<strong>b", "<code>c", "<ul>", "<ol>", "<blockquote>", '<a href="https://h.com"', "<pre"):
        assert tag in html


def test_every_newline_of_a_comment_shows():
    assert comment("a\nb") == "<p>a<br>\nb</p>"


@pytest.mark.parametrize("typed", ["- a\n- b", "> a", "    a", "# a", "a\n\nb", "1. a", "```\na\n```", "a\n    b"])
def test_inline_text_never_holds_a_block(typed):
    html = inline(typed)
    assert not any(tag in html for tag in ("<p", "<ul", "<ol", "<blockquote", "<pre", "<h", "<div"))
    assert "a" in html


def test_threads_do_not_disturb_each_other():
    expected = {n: article(f"A[^1] {n}\n\n[^1]: note {n}") for n in range(6)}
    found: dict[int, bool] = {}

    def work(n: int) -> None:
        found[n] = all(article(f"A[^1] {n}\n\n[^1]: note {n}") == expected[n] for _ in range(10))

    threads = [threading.Thread(target=work, args=(n,)) for n in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(expected, True)
