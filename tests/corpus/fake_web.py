"""
A government web of our own: a server on loopback with a site of each family.

There is also all that goes wrong on real sites. It remembers what it was asked.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SENTENCE = "为做好农村公路养护工作，保障群众出行安全，现将有关事项通知如下，请各单位认真贯彻执行，并按时报送情况。"


def title(number: int) -> str:
    """Return the title of a notice."""
    return f"青溪县人民政府关于第{number}号公路养护工作的通知"


def day(number: int) -> str:
    """Return the day of a notice; higher numbers are newer, and the newest is of this year."""
    return f"2026-{1 + number // 28 % 11:02}-{1 + number % 28:02}"


def detail(number: int, *, body: str = "TRS_Editor", extra: str = "") -> str:
    """Return the page of a notice."""
    return (
        f"<html><head><meta charset='utf-8'><title>{title(number)}_青溪县</title>"
        f"<meta name='ArticleTitle' content='{title(number)}'><meta name='PubDate' content='{day(number)}'></head>"
        f"<body><ul><li>索引号：QX/2026-{number:05}</li><li>发布机构：青溪县人民政府</li></ul><h1>{title(number)}</h1>"
        f"<div class='{body}'><p>各乡镇人民政府：</p><p>{SENTENCE}</p><p>编号{number}。{extra}</p></div></body></html>"
    )


def rows(numbers, pattern: str) -> str:
    """Return the rows of a list."""
    return "".join(
        f"<li><a href='{pattern.format(n)}' title='{title(n)}'>{title(n)}</a><span>{day(n)}</span></li>"
        for n in numbers
    )


class Web:
    """The sites, by the first part of their paths; tests change what they hold."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.count = 12
        self.size = 5
        self.gone: set[int] = set()
        self.extra: dict[int, str] = {}
        self.trouble = False
        self.robots = "User-agent: *\nDisallow: /secret/\n"
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()
        self.url = ""

    # Each answers with status, headers and body.

    def answer(self, method: str, address: str, body: bytes, headers) -> tuple[int, dict, bytes]:
        """Return the answer to a request."""
        parts = urlsplit(address)
        if parts.path == "/robots.txt":
            return 200, {"Content-Type": "text/plain"}, self.robots.encode()
        family, _, rest = parts.path.lstrip("/").partition("/")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        reader = getattr(self, f"_{family.replace('-', '_')}", None)
        if reader is None:
            return 404, {}, b"<html><title>404</title><body>404 Not Found</body></html>"
        found = reader(rest, query, body, headers)
        return found if isinstance(found, tuple) else (200, {}, found.encode())

    def _page(self, number: int) -> list[int]:
        first = self.count - number * self.size
        return [n for n in range(first, first - self.size, -1) if n >= 1]

    def _notice(self, number: int, headers, **how) -> tuple[int, dict, bytes]:
        if self.trouble:
            return 502, {}, b"Bad Gateway"
        if number in self.gone:
            return 404, {}, b"<html><body>404 Not Found</body></html>"
        text = detail(number, extra=self.extra.get(number, ""), **how).encode()
        tag = f'"{number}-{len(text)}"'
        if headers.get("If-None-Match") == tag:
            return 304, {"ETag": tag}, b""
        return 200, {"ETag": tag, "Content-Type": "text/html; charset=utf-8"}, text

    def _trs(self, rest, query, body, headers):
        if rest.startswith("t2026"):
            return self._notice(int(rest.split("_")[1].split(".")[0]), headers)
        number = int(rest.partition("_")[2].split(".")[0] or 0) if "_" in rest else 0
        pages = -(-self.count // self.size)
        listed = [n for n in self._page(number) if n not in self.gone]
        return f"<html><body><ul>{rows(listed, 't20260101_{}.html')}</ul><script>createPageHTML({pages}, {number}, 'index', 'html');</script></body></html>"

    def _static(self, rest, query, body, headers):
        if rest.startswith("post"):
            return self._notice(
                int(rest.split("_")[1].split(".")[0]), headers, body="article-content"
            )
        number = int(rest.partition("_")[2].split(".")[0] or 1) if "_" in rest else 1
        if number > -(-self.count // self.size):
            return "<html><body><div>暂无</div></body></html>"
        return f"<html><body><ul>{rows(self._page(number - 1), 'post_{}.html')}</ul></body></html>"

    def _jcms(self, rest, query, body, headers):
        if rest.startswith("art"):
            return self._notice(int(rest.split("_")[1].split(".")[0]), headers)
        first = "".join(
            f"<record><![CDATA[{rows([n], '/jcms/art_{}.html')}]]></record>" for n in self._page(0)
        )
        return f"<html><body><script>webid='3185';unitid='77';columnid='12';</script><script type='text/xml'><datastore><totalrecord>{self.count}</totalrecord><recordset>{first}</recordset></datastore></script></body></html>"

    def _module(self, rest, query, body, headers):
        start, end = int(query["startrecord"]), int(query["endrecord"])
        listed = [self.count + 1 - n for n in range(start, min(end, self.count) + 1)]
        records = "".join(
            f"<record><![CDATA[{rows([n], '/jcms/art_{}.html')}]]></record>" for n in listed
        )
        return f"<datastore><totalrecord>{self.count}</totalrecord><recordset>{records}</recordset></datastore>"

    def _jpaas(self, rest, query, body, headers):
        if rest.startswith("art"):
            return self._notice(int(rest.split("_")[1].split(".")[0]), headers)
        return "<html><body><div class='pager' queryData=\"{'webId':'1','pageId':'2','tplSetId':'3'}\"></div></body></html>"

    def _api_gateway(self, rest, query, body, headers):
        # From afar the number of the page is ignored behind the last one: it comes again and again.
        if query["webId"] == "9":
            return json.dumps({"code": 200, "data": {"html": "<p>改版</p>"}})
        number = min(int(query["pageNo"]) - 1, -(-self.count // self.size) - 1)
        html = f"<ul>{rows(self._page(number), '/jpaas/art_{}.html')}</ul>"
        return json.dumps({"code": 200, "data": {"html": html}})

    def _epoint(self, rest, query, body, headers):
        number = int(rest.split(".")[0])
        table = "".join(
            f"<tr><td><a onclick=\"linkToNew('0000000{n:04}','2');\">{title(n)}</a><div style='display:none'><ul><li><label>索 引 号：</label><p>QX/2026-{n:05}</p></li></ul></div></td><td>{day(n)}</td></tr>"
            for n in self._page(number - 1)
        )
        following = (
            f"<li><a href='/epoint/{number + 1}.html'>{number + 1}</a></li>"
            if number * self.size < self.count
            else ""
        )
        return f"<html><body><table>{table}</table><ul><li class='wb-page-item current'>{number}</li>{following}</ul></body></html>"

    def _EpointWebBuilder(self, rest, query, body, headers):  # noqa: N802
        number = int(query["infoid"])
        inside = detail(number).partition("<div class")[2].partition(">")[2].partition("</div>")[0]
        return json.dumps(
            {
                "custom": json.dumps({"x": 1}),
                "data": {"title": title(number), "infodate": day(number), "infocontent": inside},
            }
        )

    def _ucap(self, rest, query, body, headers):
        if rest.startswith("art"):
            return self._notice(int(rest.split("_")[1].split(".")[0]), headers)
        results = [
            {
                "title": title(n), "url": f"/ucap/art_{n}.html", "publishedTimeStr": f"{day(n)} 10:00:00",
                "domainMetaList": [{"resultList": [{"key": "refno", "value": f"青政发〔2026〕{n}号"}, {"key": "theme", "value": "工业、交通"}]}],
            }
            for n in self._page(int(query["page"]) - 1)
        ]  # fmt: skip
        return json.dumps({"data": {"results": results}})

    def _gkmlpt(self, rest, query, body, headers):
        if rest == "index":
            return '<html><script>window._CONFIG = {SID: \'7\', TREE: [{"id": 11, "name": "a"}],\nX: 1};</script></html>'
        if rest.startswith("content"):
            return self._notice(
                int(rest.split("_")[1].split(".")[0]), headers, body="article-content"
            )
        articles = [
            {
                "title": title(n),
                "url": f"/gkmlpt/content/post_{n}.html",
                "identifier": f"QX/2026-{n:05}",
                "document_number": f"青府〔2026〕{n}号",
                "publisher": "青溪县人民政府",
                "display_publish_time": f"{day(n)} 09:00",
                "classify_theme_name": "公路",
                "attachment": [],
                "is_expired": 0,
                "is_abolished": 0,
            }
            for n in self._page(int(query["page"]) - 1)
        ]
        return json.dumps({"articles": articles})

    def _search_gov(self, rest, query, body, headers):
        if rest.startswith("t2026"):
            return self._notice(int(rest.split("_")[1].split(".")[0]), headers)
        listed = self._page(max(0, int(query["p"]) - 1))
        if not listed:
            return json.dumps({"code": 1001, "msg": "no match"})
        rows_ = [
            {
                "title": f"<em>{title(n)}</em>",
                "url": f"{self.url}/search-gov/t20260101_{n}.html",
                "pcode": f"国发〔2026〕{n}号",
                "pubtimeStr": day(n).replace("-", "."),
                "childtype": "工业、交通",
                "puborg": "国务院",
                "index": "",
            }
            for n in listed
        ]
        return json.dumps({"code": 200, "searchVO": {"totalCount": self.count, "listVO": rows_}})

    def _gwk(self, rest, query, body, headers):
        asked = json.loads(body)
        if rest == "policy/page":
            records = [
                {
                    "siteId": asked["siteIdList"][0],
                    "businessId": str(n),
                    "title": title(n),
                    "publishDate": day(n),
                    "docNum": "",
                    "attrs": {"agency": "青溪区政府"},
                }
                for n in self._page(asked["pageNo"] - 1)
            ]
            return json.dumps(
                {"code": 0, "data": {"totalPage": -(-self.count // self.size), "records": records}}
            )
        n = int(asked["businessId"])
        return json.dumps(
            {
                "code": 0,
                "data": {
                    "txt": f"<p>{SENTENCE}</p><p>编号{n}。</p>",
                    "title": title(n),
                    "publishDate": day(n),
                    "docType": "青府",
                    "docYear": "2026",
                    "docNo": str(n),
                    "indexNo": f"AA{n}",
                    "effectiveFlag": "有效",
                    "attrs": {"agency": "青溪区政府", "theme": "公路"},
                },
            }
        )

    # What goes wrong.

    def _loop(self, rest, query, body, headers):
        if rest.startswith("t2026"):
            return self._notice(int(rest.split("_")[1].split(".")[0]), headers)
        return f"<html><body><ul>{rows(self._page(0), 't20260101_{}.html')}</ul><a href='index_99{len(self.asked)}.html'>下一页</a></body></html>"

    def _refusing(self, rest, query, body, headers):
        if rest.startswith("t2026"):
            return 429, {"Retry-After": "7200"}, b"slow down"
        return f"<html><body><ul>{rows(self._page(0), 't20260101_{}.html')}</ul></body></html>"

    def _challenge(self, rest, query, body, headers):
        return "<html><script>document.cookie='__jsl_clearance=1';location.reload()</script></html>"

    def _broken(self, rest, query, body, headers):
        if not rest.startswith("t2026"):
            return f"<html><body><ul>{rows(self._page(0), 't20260101_{}.html')}</ul></body></html>"
        number = int(rest.split("_")[1].split(".")[0])
        status, known, text = self._notice(number, headers)
        kind = number % 5
        if kind == 0:
            return 500, {}, b"oops"
        if kind == 1:
            return 200, {"Content-Length": str(len(text) + 500)}, text
        if kind == 2:
            return (
                200,
                {"Content-Type": "text/html; charset=utf-8"},
                text.decode().replace("utf-8", "gb2312").encode("gb18030"),
            )
        if kind == 3:
            return 302, {"Location": "http://169.254.169.254/latest/"}, b""
        return status, known, text

    def _secret(self, rest, query, body, headers):
        return "<html><body><ul>" + rows([1, 2], "t20260101_{}.html") + "</ul></body></html>"

    def _changed(self, rest, query, body, headers):
        return "<html><body><p>网站已改版，请从首页进入各栏目查看，敬请谅解。</p></body></html>"

    def _nameless(self, rest, query, body, headers):
        return self._jpaas("", query, body, headers).replace("'webId':'1'", "'webId':'9'")

    def _files(self, rest, query, body, headers):
        if rest == "a.txt":
            return (
                200,
                {"Content-Type": "text/plain"},
                "附件：养护任务分解表，各乡镇按期完成。".encode(),
            )
        if rest.startswith("t2026"):
            return f"<html><head><title>{title(1)}</title><meta name='PubDate' content='{day(1)}'></head><body><h1>{title(1)}</h1><div class='TRS_Editor'><p>现将通知印发，请认真贯彻执行，具体内容请见附件，请各单位按照要求抓好落实。</p><a href='a.txt'>任务表.txt</a></div></body></html>"
        return "<html><body><ul>" + rows([1], "t20260101_{}.html") + "</ul></body></html>"


@contextmanager
def serving():
    """Yield a web that is running."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body go out together, without waiting for each other.
        disable_nagle_algorithm = True
        wbufsize = -1

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with web._lock:
                web.asked[self.path] += 1
                web.agents.add(self.headers.get("User-Agent", ""))
                web.at_once += 1
                web.most_at_once = max(web.most_at_once, web.at_once)
            try:
                status, headers, content = web.answer(self.command, self.path, body, self.headers)
            finally:
                with web._lock:
                    web.at_once -= 1
            self.send_response(status)
            headers.setdefault("Content-Length", str(len(content)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            if int(headers["Content-Length"]) != len(content):
                self.close_connection = True

        do_GET = do_POST = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Say nothing of those who were killed while they asked."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    web.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
