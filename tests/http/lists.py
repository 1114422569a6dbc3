"""The two lists, advisories, topics and feeds over HTTP: what a reader, a
subscriber, a mail program and two analysts do."""

import re
import subprocess
import time
import xml.etree.ElementTree as ET

import feedparser

from pages import Server, cookie, csrf, login, main, sql, URI

tests = []
ATOM = "{http://www.w3.org/2005/Atom}"
TOPIC = "/topics/incident-response"


def test(fn):
    tests.append(fn)
    return fn


def mailed(address, path):
    """The link in the newest mail to an address."""
    text = sql("SELECT m.text FROM message m JOIN delivery d "
               "ON d.message = m.id WHERE lower(d.address) = "
               f"lower('{address}') ORDER BY m.id DESC LIMIT 1")
    m = re.search(r"https?://[^/\s]+(" + path + r"/\S+)", text)
    assert m, text
    return m.group(1)


def mails(address):
    return int(sql("SELECT count(*) FROM delivery WHERE "
                   f"lower(address) = lower('{address}')"))


def status(address, lst="advisories"):
    return sql("SELECT status FROM subscriber s JOIN list l ON l.id = s.list "
               f"WHERE l.name = '{lst}' AND lower(email) = "
               f"lower('{address}')").strip()


def subscribe(s, address, **more):
    return s.post("/lists/advisories/subscribe",
                  dict({"email": address, "website": ""}, **more))


def draft(**more):
    return dict({"title": "Patch the mail server",
                 "body": "An attacker can read *all* mail.\n\n- update\n",
                 "tlp": "CLEAR", "lists": ["contacts", "advisories"],
                 "topics": ["incident-response"],
                 "cves": ["CVE-2026-12345"]}, **more)


def issued(s, **more):
    n = s.api("analyst", "POST", "/api/v1/advisories",
              draft(**more)).json()["number"]
    for act in ("approve", "issue"):
        a = s.api("second", "POST", f"/api/v1/advisories/{n}/{act}", {})
        assert a.status == 200, a.text
    return a.json()


@test
def joining(s):
    assert "/lists/advisories/subscribe" in s.get("/lists").text
    new = subscribe(s, "jo@web.example")
    assert new.status == 303 and new.headers["Location"] == "/lists/asked"
    link = mailed("jo@web.example", "/confirm")
    for _ in range(2):  # programs that scan mail follow links
        a = s.get(link)
        assert a.status == 200 and "<button" in a.text
        assert "jo@web.example" in a.text
    assert status("jo@web.example") == "pending"
    assert s.post(link, {}).status == 200
    assert status("jo@web.example") == "active"
    assert s.post(link, {}).status == 200
    assert "on the list" in s.get(link).text
    # the answer does not tell who is on the list
    known = subscribe(s, "JO@web.example")
    assert (known.status, known.headers["Location"]) == \
        (new.status, new.headers["Location"])
    assert "jo@" not in s.get("/lists/asked").text
    mailed("jo@web.example", "/unsubscribe")


@test
def joining_badly(s):
    a = subscribe(s, "not <b>an</b> address")
    assert a.status == 422 and "not &lt;b&gt;an" in a.text
    assert 'aria-describedby="email-hint email-error"' in a.text
    before = sql("SELECT count(*) FROM message")
    a = subscribe(s, "bot@web.example", website="http://spam.example")
    assert a.status == 303 and a.headers["Location"] == "/lists/asked"
    assert sql("SELECT count(*) FROM message") == before
    a = s.post("/lists/contacts/subscribe", {"email": "x@web.example"})
    assert a.status == 403
    assert s.post("/lists/nothing/subscribe",
                  {"email": "x@web.example"}).status == 404
    for path in ("/confirm/abcdefghijklmnopqrstuvwxyz", "/confirm/x",
                 "/unsubscribe/s1-aaaaaaaaaaaaaaaa", "/unsubscribe/1"):
        assert s.get(path).status == 404, path
        assert s.post(path, {}).status == 404, path


@test
def link_over(s):
    subscribe(s, "late@web.example")
    link = mailed("late@web.example", "/confirm")
    sql("UPDATE confirmation SET expires = now() - interval '1 minute' "
        "WHERE email = 'late@web.example'")
    assert s.get(link).status == 410
    assert s.post(link, {}).status == 404
    assert status("late@web.example") == "pending"


@test
def leaving(s):
    s.api("analyst", "POST", "/api/v1/lists/advisories/subscribers",
          {"email": "go@web.example"})
    a = s.post("/lists/advisories/leave", {"email": "GO@web.example"})
    assert a.status == 303
    link = mailed("go@web.example", "/unsubscribe")
    assert "<button" in s.get(link).text
    assert status("go@web.example") == "active"
    assert s.post(link, {}).status == 200
    assert status("go@web.example") == "left"
    # nobody there: the same answer, no mail
    a = s.post("/lists/advisories/leave", {"email": "nobody@web.example"})
    assert a.status == 303 and mails("nobody@web.example") == 0


@test
def one_click(s):
    """RFC 8058: no cookie, no redirect, from any origin; both encodings."""
    for i, kind in enumerate(("urlencoded", "multipart")):
        who = f"click{i}@web.example"
        s.api("analyst", "POST", "/api/v1/lists/contacts/subscribers",
              {"email": who})
        s.post("/lists/contacts/leave", {"email": who})
        link = mailed(who, "/unsubscribe")
        if kind == "urlencoded":
            a = s.post(link, {"List-Unsubscribe": "One-Click"},
                       Origin="https://mail.example",
                       Sec_Fetch_Site="cross-site")
        else:
            a = s.ask("POST", link, '--xYzzy42\r\nContent-Disposition: form-data; '
                      'name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--xYzzy42--\r\n',
                      {"Content-Type": "multipart/form-data; boundary=xYzzy42"})
        assert a.status == 200, (kind, a.text)
        assert "Set-Cookie" not in a.headers
        assert status(who, "contacts") == "left"
        # the closed list: the desk is told
        assert mails("report@tocsin.example") == i + 1


@test
def last_contact(s):
    """A member that loses its last contact shows until there is a new one."""
    sql("INSERT INTO organisation (name, handle) VALUES "
        "('Silent <College>', 'silent')")
    c = login(s, "viewer")
    assert "Silent &lt;College&gt;" in s.get("/desk/lists", Cookie=c).text
    sql("INSERT INTO contact (organisation, email) SELECT id, "
        "'sec@silent.example' FROM organisation WHERE handle = 'silent'")
    a = s.api("analyst", "POST", "/api/v1/lists/contacts/subscribers",
              {"email": "sec@silent.example"})
    assert a.status == 201
    assert "Silent" not in s.get("/desk/lists", Cookie=c).text
    a = s.api("analyst", "POST", "/api/v1/lists/contacts/remove",
              {"email": "sec@silent.example"})
    assert a.status == 200
    j = s.api("viewer", "GET", "/api/v1/lists").json()
    assert j["uncovered"][0]["handle"] == "silent"
    assert j["uncovered"][0]["since"]


@test
def four_eyes(s):
    a = s.api("analyst", "POST", "/api/v1/advisories", draft())
    assert a.status == 201, a.text
    n, path = a.json()["number"], f"/api/v1/advisories/{a.json()['number']}"
    assert s.api("analyst", "POST", path + "/approve", {}).status == 403
    assert s.api("viewer", "POST", path + "/approve", {}).status == 403
    assert s.api("second", "POST", path + "/issue", {}).status == 409
    assert s.api("second", "POST", path + "/approve",
                 {"version": 1}).status == 200
    a = s.api("analyst", "POST", path, {"title": "Another title"})
    assert a.status == 200 and a.json()["state"] == "draft"
    assert a.json()["approved_by"] is None and a.json()["body"]
    assert s.api("second", "POST", path + "/approve",
                 {"version": 1}).status == 409
    assert s.api("second", "POST", path + "/approve", {}).status == 200
    a = s.api("analyst", "POST", path + "/issue", {})
    assert a.status == 200 and a.json()["state"] == "issued"
    a = s.api("viewer", "GET", path).json()
    assert a["deliveries"]["queued"] == a["recipients"] > 0
    d = s.api("viewer", "GET", path + "/deliveries").json()
    assert d["total"] == a["recipients"]
    assert set(d["items"][0]) >= {"address", "state", "attempts", "code",
                                  "reply", "sent"}
    assert s.api("analyst", "POST", path, {"title": "x"}).status == 409
    assert s.api("analyst", "POST", path + "/issue", {}).status == 409
    for bad in ({"tlp": "RED"}, {"tlp": "AMBER"}, {"tlp": ""}, {"title": ""},
                {"lists": []}, {"lists": ["nolist"]}, {"topics": ["none"]},
                {"cves": ["CVE-1"]}, {"body": " "}):
        a = s.api("analyst", "POST", "/api/v1/advisories", draft(**bad))
        assert a.status == 422 and a.json()["errors"], (bad, a.text)
    assert s.api("viewer", "POST", "/api/v1/advisories",
                 draft()).status == 403
    assert s.get(path).status == 401
    assert s.api("viewer", "GET", "/api/v1/advisories/999999").status == 404


@test
def each_address_once(s):
    for lst, who in (("contacts", "twice@web.example"),
                     ("advisories", "Twice@Web.example"),
                     ("contacts", "once@web.example")):
        a = s.api("analyst", "POST", f"/api/v1/lists/{lst}/subscribers",
                  {"email": who, "name": "x"})
        assert a.status == 201, a.text
    a = issued(s)
    n = int(sql("SELECT count(DISTINCT lower(email)) FROM subscriber "
                "WHERE status = 'active'"))
    assert a["recipients"] == n
    got = [x["address"].lower() for x in s.api(
        "viewer", "GET", f"/api/v1/advisories/{a['number']}/deliveries"
    ).json()["items"]]
    assert got.count("twice@web.example") == 1
    assert got.count("once@web.example") == 1


@test
def public_page_and_marking(s):
    a = issued(s, title="Public <one> & only")
    page = s.get(a["url"])
    assert page.status == 200
    assert "Public &lt;one&gt; &amp; only" in page.text
    assert "TLP:CLEAR" in page.text and "CVE-2026-12345" in page.text
    assert a["id"] in page.text and "<em>all</em>" in page.text
    assert 'type="application/rss+xml"' in page.text
    assert s.get(a["url"].replace("/advisories/", "/articles/")).status == 404
    assert a["url"] in s.get(TOPIC).text
    green = issued(s, title="Green is not for the web", tlp="GREEN")
    assert green["url"] is None
    for path in (TOPIC, TOPIC + "/feed", TOPIC + "/atom", "/feed", "/",
                 "/api/v1" + TOPIC):
        assert "Green is not" not in s.get(path).text, path


@test
def feeds_are_valid(s):
    for path, kind in ((TOPIC + "/feed", "rss20"), ("/feed", "rss20"),
                       (TOPIC + "/atom", "atom10"),
                       ("/feed/atom", "atom10")):
        a = s.get(path)
        assert a.status == 200
        assert ("rss" if kind == "rss20" else "atom") + "+xml" in \
            a.headers["Content-Type"]
        assert subprocess.run(["xmllint", "--noout", "-"], input=a.body,
                              capture_output=True).returncode == 0
        f = feedparser.parse(a.body, response_headers={
            "content-type": a.headers["Content-Type"]})
        assert not f.bozo and f.version == kind, (f.bozo, f.version)
        assert f.feed.title and f.feed.link and f.entries
        assert any(x.rel == "self" and x.href.endswith(path)
                   for x in f.feed.links)
        e = [x for x in f.entries if x.title == "Public <one> & only"][0]
        assert e.id.startswith("tag:tocsin.example,")
        assert kind != "rss20" or not e.guidislink
        assert e.link.startswith("http") and e.published_parsed
        assert e.author == "Tocsin CSIRT"
        assert e.summary.startswith("An attacker can read all mail.")
        assert len({x.id for x in f.entries}) == len(f.entries) <= 10
    root = ET.fromstring(s.get(TOPIC + "/feed").body)
    item = root.find("channel/item")
    assert item.find("guid").get("isPermaLink") == "false"
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000",
                        item.find("pubDate").text)
    assert s.get("/topics/nothing/feed").status == 404


@test
def hostile_text(s):
    """Anything that JSON can carry leaves as well-formed XML and HTML."""
    title = "a\ufffeb\uffff\u0007c <![CDATA[x]]> & \u202e \U0001f514 \"'"
    body = ("<script>alert(1)</script>\n\n[x](javascript:alert(1)) "
            "[y](/lists) \ufffe\u0001 ]]> &amp; \u05d0\n")
    a = issued(s, title=title, body=body)
    for path in (TOPIC + "/feed", TOPIC + "/atom"):
        raw = s.get(path).body
        ET.fromstring(raw)
        assert subprocess.run(["xmllint", "--noout", "-"], input=raw,
                              capture_output=True).returncode == 0
        e = [x for x in feedparser.parse(raw).entries
             if x.link.endswith(a["url"])][0]
        assert "<![CDATA[x]]> &" in e.title and "\U0001f514" in e.title
        assert "<script" not in str(e) and "javascript:" not in str(e)
    assert 'href="http' in s.get(TOPIC + "/atom").text.replace("&quot;", '"')
    page = s.get(a["url"])
    assert "<script>alert" not in page.text
    assert "javascript:" not in page.text
    assert 'href="/lists">y' in page.text
    long = issued(s, title="x" * 200, body="word " * 20000)
    assert len(long["url"]) < 110 and s.get(long["url"]).status == 200
    assert s.api("analyst", "POST", "/api/v1/advisories",
                 draft(title="x" * 201)).status == 422
    assert s.api("analyst", "POST", "/api/v1/advisories",
                 draft(body="x" * 300000)).status in (413, 422)


@test
def not_modified(s):
    for path in (TOPIC, TOPIC + "/feed", TOPIC + "/atom", "/lists"):
        a = s.get(path)
        tag, at = a.headers["ETag"], a.headers["Last-Modified"]
        b = s.get(path, If_None_Match=tag)
        assert b.status == 304 and not b.body and b.headers["ETag"] == tag
        assert s.get(path, If_Modified_Since=at).status == 304
        # the tag is believed before the date
        assert s.get(path, If_None_Match='"x"',
                     If_Modified_Since=at).status == 200
    tag = s.get(TOPIC + "/feed").headers["ETag"]
    issued(s, title="News")
    for _ in range(50):
        a = s.get(TOPIC + "/feed", If_None_Match=tag)
        if a.status == 200:
            break
        time.sleep(0.1)
    assert a.status == 200 and "News" in a.text


@test
def pages_of_a_topic(s):
    for i in range(14):
        issued(s, title=f"Number {i}")
    first = s.get(TOPIC)
    assert first.text.count('<li class="item">') == 10
    assert "page=1" in first.text
    second = s.get(TOPIC + "?page=1")
    links = re.compile(r'<h2><a href="([^"]+)"')
    one, two = links.findall(first.text), links.findall(second.text)
    assert one and two and not set(one) & set(two)
    assert "Number 13" in one[0] or "number-13" in one[0]
    j = s.get("/api/v1" + TOPIC).json()
    assert len(j["items"]) == 10 and j["total"] > 10
    assert j["next"] == "/api/v1" + TOPIC + "?page=1", j["next"]
    assert s.get(TOPIC + "?page=99").status == 404
    assert s.get(TOPIC + "?page=x").status == 422
    assert s.get("/topics/nothing").status == 404
    assert TOPIC in s.get("/topics").text


@test
def desk(s):
    one, two = login(s, "analyst"), login(s, "second")
    t1, t2 = csrf(s, one), csrf(s, two)
    form = {"title": "From the desk", "body": "Text.", "tlp": "GREEN",
            "lists": "advisories", "topics": "incident-response",
            "cves": "cve-2026-1000, CVE-2026-1001"}
    assert "TLP:AMBER" in s.get("/desk/advisories/new", Cookie=one).text
    a = s.post("/desk/advisories/new", form, Cookie=one)
    assert a.status == 403  # no csrf
    a = s.post("/desk/advisories/new", dict(form, csrf=t1, tlp="AMBER"),
               Cookie=one)
    assert a.status == 422 and "takes TLP:GREEN" in a.text
    assert "From the desk" in a.text and "CVE-2026-1001" in a.text
    a = s.post("/desk/advisories/new", dict(form, csrf=t1), Cookie=one)
    assert a.status == 303, a.text
    path = a.headers["Location"]
    mine = s.get(path, Cookie=one).text
    assert "[TLP:GREEN] TOCSIN-" in mine and "CVE-2026-1000" in mine
    assert path + "/approve" not in mine and "by mail only" in mine
    assert path + "/approve" in s.get(path, Cookie=two).text
    # two at once: the slower one keeps what he typed, beside the other's
    a = s.post(path + "/edit", dict(form, csrf=t2, version=1,
                                    body="Second was faster"), Cookie=two)
    assert a.status == 303, a.text
    a = s.post(path + "/edit", dict(form, csrf=t1, version=1,
                                    body="First was slower"), Cookie=one)
    assert a.status == 409
    assert "Second was faster" in a.text and "First was slower" in a.text
    assert 'name="version" value="2"' in a.text
    a = s.post(path + "/edit", dict(form, csrf=t1, version=2,
                                    body="Both"), Cookie=one)
    assert a.status == 303
    a = s.post(path + "/approve", {"csrf": t1, "version": 3}, Cookie=one)
    assert a.status == 403
    a = s.post(path + "/approve", {"csrf": t2, "version": 3}, Cookie=two)
    assert a.status == 303
    assert path + "/issue" in s.get(path, Cookie=one).text
    a = s.post(path + "/issue", {"csrf": t1, "version": 4}, Cookie=one)
    assert a.status == 303
    ledger = s.get(path, Cookie=one).text
    assert "<progress" in ledger and 'http-equiv="refresh"' in ledger
    assert "queued" in s.get(path + "/deliveries", Cookie=one).text
    assert "web.example" not in s.get(path + "/deliveries?state=sent",
                                      Cookie=one).text
    assert "From the desk" in s.get("/desk/advisories", Cookie=one).text


@test
def desk_lists(s):
    c = login(s, "analyst")
    t = csrf(s, c)
    assert "/desk/lists/contacts" in s.get("/desk/lists", Cookie=c).text
    path = "/desk/lists/advisories"
    a = s.post(path, {"csrf": t, "email": "new@desk.example",
                      "name": "N. Ew"}, Cookie=c)
    assert a.status == 303
    page = s.get(path + "?q=desk.example", Cookie=c).text
    assert "new@desk.example" in page and "N. Ew" in page
    a = s.post(path, {"csrf": t, "email": "new@desk.example"}, Cookie=c)
    assert a.status == 422 and "on this list already" in a.text
    a = s.post(path + "/remove", {"csrf": t, "email": "new@desk.example"},
               Cookie=c)
    assert a.status == 303 and status("new@desk.example") == "left"
    a = s.post(path, {"csrf": t, "email": "new@desk.example"}, Cookie=c)
    assert a.status == 422 and 'name="again"' in a.text
    a = s.post(path, {"csrf": t, "email": "new@desk.example",
                      "again": "yes"}, Cookie=c)
    assert a.status == 303 and status("new@desk.example") == "active"

    csv = "email,name\nimp1@desk.example,One\nimp2@desk.example,\n"
    a = s.post(path + "/import", {"csrf": t, "csv": csv}, Cookie=c)
    assert a.status == 200 and "imp1@desk.example" in a.text
    assert status("imp1@desk.example") == ""
    a = s.post(path + "/import", {"csrf": t, "csv": csv + "bad\n"}, Cookie=c)
    assert a.status == 200 and "Bad lines" in a.text
    a = s.post(path + "/import", {"csrf": t, "csv": csv, "apply": "yes"},
               Cookie=c)
    assert a.status == 303 and status("imp2@desk.example") == "active"
    body = ('--xYzzy42\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + t +
            '\r\n--xYzzy42\r\nContent-Disposition: form-data; name="file"; '
            'filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n' +
            "email\r\nfile@desk.example\r\n" + '\r\n--xYzzy42--\r\n')
    a = s.ask("POST", path + "/import", body, {
        "Cookie": c, "Content-Type": "multipart/form-data; boundary=xYzzy42"})
    assert a.status == 200 and "file@desk.example" in a.text, a.text
    a = s.api("analyst", "POST", "/api/v1/lists/advisories/import",
              {"csv": "email\napi@desk.example\n", "apply": "yes"})
    assert a.status == 200 and a.json()["added"] == 1
    j = s.api("viewer", "GET",
              "/api/v1/lists/advisories/subscribers?status=left").json()
    assert all(x["status"] == "left" for x in j["items"]) and j["total"]
    assert s.api("viewer", "GET",
                 "/api/v1/lists/nolist/subscribers").status == 404
    v = login(s, "viewer")
    assert "Add an address" not in s.get(path, Cookie=v).text


@test
def pages_are_html(s):
    c = login(s, "analyst")
    n = s.api("viewer", "GET", "/api/v1/advisories").json()["items"]
    item = s.get("/api/v1" + TOPIC).json()["items"][0]["url"]
    for path in ("/topics", TOPIC, item, "/lists", "/lists/asked",
                 "/desk/advisories", "/desk/advisories/new", "/desk/lists",
                 f"/desk/advisories/{n[0]['number']}",
                 f"/desk/advisories/{n[0]['number']}/deliveries",
                 "/desk/lists/advisories", "/desk/lists/advisories/import"):
        a = s.get(path, Cookie=c)
        assert a.status == 200, path
        t = subprocess.run(
            ["tidy", "-q", "-e", "--gnu-emacs", "yes", "--drop-empty-elements",
             "no", "--custom-tags", "yes"], input=a.text,
            capture_output=True, text=True)
        bad = [x for x in t.stderr.splitlines() if "Error" in x]
        assert not bad, (path, bad)
        assert "{{" not in a.text


@test
def database_away(s):
    """What the public reads stays up; the rest says so."""
    paths = (TOPIC, TOPIC + "/feed", "/lists")
    before = {p: s.get(p).body for p in paths}
    name = "tocsin"
    other = URI.replace("/tocsin?", "/postgres?")
    run = lambda q: subprocess.run(["psql", "-XAtq", "-d", other, "-c", q],
                                   check=True, capture_output=True)
    run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{name}'")
    try:
        time.sleep(2.5)
        for p in paths:
            a = s.get(p)
            assert a.status == 200 and a.body == before[p], p
        a = s.api("analyst", "GET", "/api/v1/lists")
        assert a.status == 503 and a.headers["Retry-After"]
    finally:
        run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    time.sleep(2.5)
    assert s.api("analyst", "GET", "/api/v1/lists").status == 200


main(tests, "lists")
