// The page on which a notice is pasted: asks for topics when typing pauses, shows them with the
// words that speak for each, and copies the chosen one. Text is only ever set as text.
"use strict";

(() => {
  const PAUSE = 350;          // milliseconds without a key before the text is sent
  const MOST_SHOWN = 60000;   // characters of a body that are drawn
  const VERDICTS = { accept: "可采用", review: "请复核", abstain: "把握不大" };
  const SOURCES = { issuer: "发文机关所印", publisher: "发布人员所选", model: "模型建议", reviewer: "复核确定" };
  const FIELDS = [
    ["title", "标题"], ["index_number", "索引号"], ["document_number", "发文字号"],
    ["issuing_body", "发文机关"], ["document_type", "公文种类"], ["written_on", "成文日期"],
    ["published_on", "发布日期"], ["effective_on", "生效日期"], ["expires_on", "失效日期"],
    ["validity", "有效性"], ["declared_topic", "原主题分类"],
  ];
  const SAMPLE = [
    "索引号:", "QX0012345672024000156", "主题分类:", "其他-其他", "公开主体:", "青溪县交通运输局",
    "发文字号:", "青交〔2024〕56号", "成文日期:", "发布日期:", "2024-03-12", "生效日期:",
    "各乡镇人民政府,局属各单位:",
    "《青溪县农村公路养护“百日整治”实施方案》已经局务会议研究同意,现印发给你们,请认真组织实施。",
    "青溪县交通运输局", "2024年3月8日",
    "青溪县农村公路养护“百日整治”", "实施方案",
    "为保障群众出行安全,改善农村公路路况,决定在全县开展农村公路养护集中整治,制定本方案。",
    "一、整治范围", "县道、乡道、村道及其桥梁、涵洞和安全防护设施。",
    "二、主要任务", "(一)排查路面坑槽、边坡塌方和临水临崖路段护栏缺失,建立隐患台账。",
    "(二)落实路长制,乡镇设专职护路员,日常巡查每周不少于两次。",
    "(三)治理货车超限超载,在砂石料场出口设置检测点。",
    "附件:1.农村公路隐患排查台账", "2.养护资金使用情况表",
    "为了便于其他人查询和了解政策,请为本文选择一个合适的主题。",
  ].join("\n");

  const byId = (id) => document.getElementById(id);
  const title = byId("title"), text = byId("text"), status = byId("status");
  const list = byId("suggestions"), chosen = byId("chosen");
  let timer = 0, request = null, answer = null, shown = 0, asked = "";

  const element = (name, className, content) => {
    const node = document.createElement(name);
    if (className) node.className = className;
    if (content !== undefined) node.textContent = content;
    return node;
  };
  const percent = (probability) => (probability < 0.01 ? "<1%" : Math.floor(probability * 100) + "%");
  const printed = (suggestion) =>
    (suggestion.parent ? suggestion.parent.label + "-" : "") + suggestion.label;

  function tell(message, isError) {
    status.textContent = message;
    status.classList.toggle("error", Boolean(isError));
  }

  function schedule() {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  }

  async function ask() {
    const body = text.value, head = title.value.trim();
    if (head + "\n" + body === asked) return;
    asked = head + "\n" + body;
    if (request) request.abort();
    if (!body.trim() && !head) { reset(); return; }
    request = new AbortController();
    const mine = request;
    tell("正在分析…");
    try {
      const response = await fetch(document.body.dataset.api, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(head ? { title: head, body } : { body }),
        signal: mine.signal,
      });
      const result = await response.json();
      if (mine !== request) return;
      if (!response.ok) { fail(result.detail || "服务未能回答。"); return; }
      show(result);
    } catch (error) {
      if (error.name === "AbortError") return;
      fail("连接不上服务器，文本仍在输入框中。请检查网络，再改动一个字即会重试。");
    }
  }

  function fail(message) {
    asked = "";
    answer = null;
    list.textContent = "";
    for (const id of ["reading", "warnings", "level-one", "chosen", "precedents"]) byId(id).hidden = true;
    tell(message, true);
  }

  function reset() {
    clearTimeout(timer);
    if (request) request.abort();
    request = null;
    asked = "";
    answer = null;
    list.textContent = "";
    for (const id of ["reading", "warnings", "level-one", "chosen", "precedents"]) byId(id).hidden = true;
    tell("粘贴或输入文本，停顿片刻后主题会出现在这里。");
  }

  function show(result) {
    answer = result;
    shown = 0;
    chosen.hidden = true;
    tell(result.reason || (result.suggestions.length ? "第一个主题达到可直接采用的把握。" : ""));
    showWarnings(result.warnings);
    showLevelOne(result.level_1);
    list.textContent = "";
    result.suggestions.forEach((suggestion, index) => list.append(card(suggestion, index)));
    if (result.verdict === "abstain" && result.suggestions.length) list.append(otherCard());
    showFields(result.notice);
    drawNotice();
    askForPrecedents(result.notice, request);
  }

  // Earlier notices come in a second request, so that the topics need not wait for them. Without
  // a corpus, or if it cannot be asked, the page simply does not show any.
  async function askForPrecedents(notice, mine) {
    const { precedents: address, notices } = document.body.dataset;
    if (!address || !mine) return;
    let found = [];
    try {
      const response = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(notice),
        signal: mine.signal,
      });
      if (response.ok) found = (await response.json()).precedents;
    } catch (error) {
      if (error.name === "AbortError") return;
    }
    if (mine !== request) return;
    byId("precedent-list").replaceChildren(...found.map((one) => precedent(one, notices)));
    byId("precedents").hidden = !found.length;
  }

  function precedent(one, notices) {
    const item = element("li");
    const heading = element("h3");
    const link = element("a", "", one.title || "（没有标题）");
    link.href = notices + encodeURIComponent(one.id);
    heading.append(link);
    const facts = [one.topic ? one.topic.label : "没有主题", one.issuing_body, one.published_on];
    const line = element("p", "small", facts.filter(Boolean).join(" · "));
    if (one.topic && SOURCES[one.topic.source]) {
      line.append(" ", element("span", "badge", SOURCES[one.topic.source]));
    }
    item.append(heading, line);
    if (one.words.length) item.append(element("p", "muted small", "共同词语：" + one.words.join("、")));
    return item;
  }

  function showWarnings(warnings) {
    const box = byId("warnings");
    box.hidden = !warnings.length;
    box.textContent = "";
    warnings.forEach((warning) => box.append(element("li", "", warning)));
  }

  function showLevelOne(level) {
    const line = byId("level-one");
    line.hidden = !level;
    if (!level) return;
    line.textContent = "一级主题：" + level.label + " " + percent(level.probability) + " ";
    line.append(element("span", "badge " + level.verdict, VERDICTS[level.verdict]));
  }

  function card(suggestion, index) {
    const item = element("li");
    const button = element("button", "card");
    button.type = "button";
    button.dataset.verdict = suggestion.verdict;
    button.setAttribute("aria-pressed", "false");
    const head = element("span", "head");
    head.append(element("span", "key", String(index + 1)));
    const label = element("span", "label");
    if (suggestion.parent) label.append(element("span", "root", suggestion.parent.label));
    label.append(element("span", "leaf", suggestion.label));
    head.append(label);
    if (suggestion.verdict !== "abstain") {
      head.append(element("span", "badge " + suggestion.verdict, VERDICTS[suggestion.verdict]));
    }
    head.append(element("span", "percent", percent(suggestion.probability)));
    button.append(head, bar(suggestion.probability));
    const words = [...new Set(suggestion.evidence.filter((e) => e.weight > 0).map((e) => e.word))];
    button.append(element("span", "words", words.length ? "依据：" + words.slice(0, 6).join("、") : "没有明显的依据词语"));
    button.addEventListener("click", () => choose(index));
    button.addEventListener("focus", () => explain(index));
    button.addEventListener("mouseenter", () => explain(index));
    item.append(button);
    return item;
  }

  // Drawn as SVG: its size is an attribute, so the page needs no inline style.
  function bar(probability) {
    const space = "http://www.w3.org/2000/svg";
    const holder = element("span", "bar");
    holder.setAttribute("aria-hidden", "true");
    const picture = document.createElementNS(space, "svg");
    picture.setAttribute("preserveAspectRatio", "none");
    picture.setAttribute("viewBox", "0 0 100 1");
    const filled = document.createElementNS(space, "rect");
    filled.setAttribute("width", String(Math.max(0.5, probability * 100)));
    filled.setAttribute("height", "1");
    picture.append(filled);
    holder.append(picture);
    return holder;
  }

  function otherCard() {
    const item = element("li");
    const button = element("button", "card other");
    button.type = "button";
    button.append(element("span", "leaf", "其他"),
      element("span", "words", "没有主题达到把握时才可暂选；请先看看上面最接近的主题。"));
    button.addEventListener("click", () => copy("其他"));
    item.append(button);
    return item;
  }

  function showFields(notice) {
    const fields = byId("fields");
    fields.textContent = "";
    const rows = FIELDS.filter(([name]) => notice[name]).map(([name, label]) => [label, notice[name]]);
    if (notice.attachments.length) {
      rows.push(["附件", notice.attachments.map((file) => file.name).join("；")]);
    }
    rows.forEach(([label, value]) => fields.append(element("dt", "", label), element("dd", "", value)));
    byId("reading").hidden = !notice.title && !notice.body;
  }

  function explain(index) {
    if (index === shown || !answer) return;
    shown = index;
    drawNotice();
  }

  function drawNotice() {
    const box = byId("notice");
    const top = box.scrollTop;
    const suggestion = answer.suggestions[shown];
    const evidence = suggestion ? suggestion.evidence : [];
    box.textContent = "";
    if (answer.notice.title) {
      const heading = element("h3");
      heading.append(marked(answer.notice.title, evidence.filter((e) => e.field === "title")));
      box.append(heading);
    }
    if (answer.notice.body) {
      box.append(marked(answer.notice.body, evidence.filter((e) => e.field === "body")));
    }
    box.scrollTop = top;
  }

  // Offsets count code points; JavaScript counts UTF-16 units, two for an emoji or a rare character.
  function marked(content, evidence) {
    const fragment = document.createDocumentFragment();
    const points = Array.from(content.length > MOST_SHOWN ? content.slice(0, MOST_SHOWN) : content);
    const places = evidence
      .flatMap((e) => e.spans.map(([start, end]) => ({ start, end, kind: e.weight > 0 ? "for" : "against" })))
      .sort((one, other) => one.start - other.start);
    let at = 0;
    for (const place of places) {
      if (place.start < at || place.end > points.length) continue;
      fragment.append(points.slice(at, place.start).join(""));
      fragment.append(element("mark", place.kind, points.slice(place.start, place.end).join("")));
      at = place.end;
    }
    fragment.append(points.slice(at).join(""));
    if (content.length > MOST_SHOWN) fragment.append("\n……（其余部分不再显示，输入框中仍完整）");
    return fragment;
  }

  function choose(index) {
    const suggestion = answer && answer.suggestions[index];
    if (!suggestion) return;
    document.querySelectorAll("#suggestions .card").forEach((button, number) =>
      button.setAttribute("aria-pressed", String(number === index)));
    explain(index);
    copy(printed(suggestion));
  }

  async function copy(label) {
    let copied = true;
    try {
      if (navigator.clipboard) await navigator.clipboard.writeText(label);
      else copied = copyByHand(label);
    } catch (error) {
      copied = copyByHand(label);
    }
    chosen.textContent = copied ? "已选定并复制：" + label + " " : "已选定（请手工复制）：" + label + " ";
    const undo = element("button", "quiet", "撤销");
    undo.type = "button";
    undo.addEventListener("click", () => {
      chosen.hidden = true;
      document.querySelectorAll("#suggestions .card").forEach((button) => button.setAttribute("aria-pressed", "false"));
    });
    chosen.append(undo);
    chosen.hidden = false;
  }

  // Plain http on an inner network has no clipboard interface; the old way still works there.
  function copyByHand(label) {
    const holder = element("textarea", "skip", label);
    const before = document.activeElement;
    holder.value = label;
    document.body.append(holder);
    holder.select();
    let copied = false;
    try { copied = document.execCommand("copy"); } finally { holder.remove(); }
    if (before) before.focus();
    return copied;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    const typing = event.target === text || event.target === title;
    if (typing !== event.altKey) return;
    const digit = /^(?:Digit|Numpad)([1-5])$/.exec(event.code);
    if (!digit || !answer) return;
    event.preventDefault();
    choose(Number(digit[1]) - 1);
  });
  text.addEventListener("input", schedule);
  title.addEventListener("input", schedule);
  byId("sample").addEventListener("click", () => { title.value = ""; text.value = SAMPLE; ask(); });
  byId("clear").addEventListener("click", () => { title.value = ""; text.value = ""; reset(); text.focus(); });
  if (text.value || title.value) ask();
})();
