"""What g++ 12 compiles wrongly, or what leaks an operation, around co_await (found under ASan)."""
import re

AWAIT = re.compile(r"\bco_(?:await|yield)\b")
OPEN, CLOSE = "([{", ")]}"


def statement(code, at):
    """(begin, end) of the statement around `at`; of an if or a loop: its condition alone."""
    begin = max(code.rfind(c, 0, at) for c in ";{}") + 1
    condition = re.match(r"\s*(else\s+)?(if|while|for|switch)\b", code[begin:at])
    depth, end = 0, begin
    while end < len(code):
        c = code[end]
        depth += (c in OPEN) - (c in CLOSE)
        if condition and end < at and depth == 0 and c == ")":
            begin, condition = end + 1, None  # the await is in the body
        if end >= at and (depth < 0 or depth == 0 and (c == ";" or condition and c == ")")):
            break
        end += 1
    return begin, end


def braced_argument(text):
    """Whether an aggregate is built by braces within the text; bodies of lambdas are none."""
    for found in re.finditer(r"\{", text):
        before = text[:found.start()].rstrip()
        lambda_body = re.search(r"(\]|\)|mutable|noexcept|->\s*[\w:<>]+)$", before)
        if not lambda_body and before.count("(") > before.count(")"):
            return True
    return False


def check(tree):
    for path in tree.cpp():
        code = tree.code(path)

        def place(at):
            return f"{path}:{code.count(chr(10), 0, at) + 1}"

        for found in AWAIT.finditer(code):
            begin, end = statement(code, found.start())
            text = code[begin:end]
            if "?" in text:
                yield f"{place(found.start())}: co_await beside ?: is used after it was freed (g++ 12); use if"
            if re.search(r"(?<!auto)(?<!auto )(&&|\|\|)", text):
                yield f"{place(found.start())}: co_await beside && or || is compiled wrongly (g++ 12); use if"
            if braced_argument(code[found.start():end]):
                yield f"{place(found.start())}: braces within an awaiting expression are freed twice (g++ 12); name the value first"
        for found in re.finditer(r"\(\s*\{", code):
            if "co_await" in code[found.start():code.find("})", found.start())] and code[:found.start()].rstrip()[-1:] in "=,(":
                yield f"{place(found.start())}: a statement expression crashes the compiler when it awaits"
        for found in re.finditer(r"\bco_spawn\s*\(", code):
            _, end = statement(code, found.start())
            if re.search(r"\[[^\]\s][^\]]*\]\s*\(", code[found.start():end]):
                yield f"{place(found.start())}: a lambda with captures dies before the coroutine that co_spawn makes of it"
