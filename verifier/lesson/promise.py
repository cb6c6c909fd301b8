"""Words of a page that promise the output of a script, in English, Chinese and Japanese.

A word list, and meant to be one: what it does not know is left out with a note, and what it takes
for a promise by mistake would call a right page wrong.
"""

from __future__ import annotations

import re
from functools import lru_cache

_EXAMPLE = re.compile(
    r"\b(?:example|sample) output\b|\boutput (?:may|will|might) (?:differ|vary)|"
    r"\byour (?:output|numbers|values|results?) (?:may|will|might)\b|"
    r"\b(?:see|get|prints?|outputs?|looks?)\b[^.\n]{0,40}\b(?:something like|similar to)\b|"
    r"(?:示例|样例|範例)(?:输出|輸出)|(?:输出|輸出)(?:示例|範例)|出力例|例の出力|実行例",
    re.IGNORECASE,
)
_EXPECTED = re.compile(
    # a label alone
    r"\A\W*(?:(?:click )?(?:to )?(?:show|see|view|reveal|check|open|expand|toggle)\s+)?"
    r"(?:(?:expected|program|console|terminal|full|the|your)\s+){0,2}"
    r"(?:outputs?|results?|printout|stdout|prints)\W*\Z|"
    # words for it anywhere
    r"\bexpected (?:output|result|printout)|\byou (?:should|will|would) (?:see|get)\b|"
    # a sentence that ends with it, and a colon
    r"\boutput (?:is|will be|should be|looks? like this)\W*\Z|"
    r"\b(?:output|prints?|printed|printout)\b(?!\s+(?:files?|folders?|layers?|director|paths?|"
    r"shapes?|sizes?|formats?|dim|features?))(?:[^\n.]|\.[0-9]){0,60}[:\uff1a]\W*\Z|"
    r"\b(?:it|this|script|program|code) prints\W*\Z|"
    r"\b(?:gives|yields|produces|outputs|results in)(?: you)?(?: this)?\s*[:\uff1a]?\Z|"
    r"(?:预期|預期|期望|期待)(?:的)?(?:输出|輸出|结果|結果)|"
    r"(?:输出|輸出|运行结果|運行結果|执行结果|執行結果|打印|得到的?[结結]果)[^\n。]{0,8}。?\Z|"
    r"(?:[应應][该該]?|[应應][当當]|[将將]|就|可以|[会會])[会會能]?看到[^\n。]{0,8}。?\Z|"
    r"[显顯]示(?:如下|[为為]|出)[^\n。]{0,8}。?\Z|"
    r"期待される(?:出力|結果)|(?:出力|実行結果|表示され)[^\n。先]{0,12}。?\Z|"
    r"(?:次|以下)のような?(?:に(?:なり|出力|表示)|結果)[^\n。]{0,8}。?\Z|"
    r"\A\W*(?:结果|結果)\W*\Z",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)  # words are asked about again for each block below them
def promises(words: str) -> bool:
    """Tell whether an output is to follow."""
    return _EXPECTED.search(words) is not None


def gives_example(words: str) -> bool:
    """Tell whether what follows is said to differ from machine to machine."""
    return _EXAMPLE.search(words) is not None
