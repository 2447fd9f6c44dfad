"""The raw material of the answers: sentences by subject, in several languages and scripts."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, tuple[str, ...]]] = {
    "support": (
        "The customer reports that the second instalment was charged twice on the same day.",
        "They attach a bank statement in which both payments carry the same reference.",
        "The tone is polite but firm; this is their third message since last Thursday.",
        "A refund of the duplicate charge is warranted under the goodwill policy.",
        "The account shows two sessions from different countries within nine minutes.",
        "No reply has been sent since the ticket was moved to the second line.",
        "The export fails only for workspaces with more than 500 members.",
        "Clearing the cache, as suggested in the first reply, did not help.",
        "They ask whether the invoice can be reissued to the parent company.",
        "The steps to reproduce are complete and include the browser version.",
        "Since the update on Monday the mobile app signs them out every hour.",
        "They would accept a credit note instead of a transfer.",
        "The shipping label was created, yet the parcel was never handed to the carrier.",
        "This matches the known incident of 14 March, which was closed too early.",
    ),
    "contract": (
        "Either party may terminate this agreement with ninety days' written notice.",
        "Liability is capped at the fees paid in the twelve months before the claim.",
        "The cap does not apply to breaches of confidentiality or to wilful misconduct.",
        "The governing law is that of Ireland, and the courts of Dublin have jurisdiction.",
        "The renewal is automatic unless notice is given sixty days before the term ends.",
        "Sub-processors may be engaged on thirty days' notice, with a right to object.",
        "Clause 14.2 refers to a Schedule D that is not part of the document.",
        "The definition of “Affiliate” is wider here than in the master agreement.",
        "Payment is due forty-five days after receipt of an undisputed invoice.",
        "Audit rights are limited to once a year during ordinary business hours.",
        "The indemnity covers third-party claims only, and excludes combined use.",
        "Data must be returned or deleted within thirty days of termination.",
    ),
    "science": (
        "The effect holds after controlling for age, sex and baseline severity.",
        "With 212 participants the study is underpowered for the secondary endpoint.",
        "The authors pre-registered the primary analysis but not the subgroup tests.",
        "A sensitivity analysis without imputation gives the same direction of effect.",
        "The confidence interval is wide: from 0.61 to 1.38 for the hazard ratio.",
        "Follow-up lasted a median of 3.4 years, with 11% lost along the way.",
        "The catalyst keeps 92% of its activity after forty cycles at 350 °C.",
        "Spectra at 77 K show two lines where the model predicts a single one.",
        "The control arm received usual care, which differed between the sites.",
        "No correction was made for multiple comparisons across the nine outcomes.",
        "The data are available on request, the code under a permissive license.",
        "Replication in an independent cohort would be the natural next step.",
    ),
    "product": (
        "Brushed steel, a matte finish and a handle that stays cool on the hob.",
        "Made from 70% recycled wool, woven in a family mill since 1924.",
        "Folds flat in seconds and fits under most beds.",
        "The battery lasts a working week on a single charge.",
        "Machine-washable at 30 °C; dry flat and out of direct sunlight.",
        "Designed for small kitchens: 38 cm wide, and quiet enough for an open plan.",
        "A gift for people who read in the bath.",
        "Three brightness levels and a warm tone that is easy on tired eyes.",
        "Every seam is taped, so a cloudburst stays outside.",
        "Comes with a spare filter and a five-year guarantee.",
    ),
    "code": (
        "The function reads the whole file before it checks the size limit.",
        "The lock is released before the callback runs, which leaves a short race.",
        "Returning `None` on failure hides three different errors from the caller.",
        "A generator would keep the memory flat for large inputs.",
        "The retry loop has no upper bound; a permanent error makes it spin.",
        "The test passes only because both clocks are frozen at the same instant.",
        "The index is built per request; building it once would save about 40 ms.",
        "Naming the flag `is_final` would make the two call sites readable.",
        "The migration is not reversible: the column is dropped before the copy.",
        "Consider `pathlib.Path.open` so that the encoding is stated in one place.",
    ),
    "finance": (
        "Net revenue rose 8.4% year on year, mostly from existing customers.",
        "The gross margin fell by 1.2 points because freight costs doubled in the quarter.",
        "Guidance for the full year is unchanged, which implies a weaker second half.",
        "Deferred revenue grows faster than billings for the third quarter in a row.",
        "Management expects capital expenditure of $140–160 million.",
        "The covenant is tested at the end of June; headroom is thin at 0.3x.",
        "Inventories cover 71 days of sales, against 54 days a year ago.",
        "A one-off gain of €12 million flatters the operating result.",
    ),
}

OTHER_LANGUAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "German": (
        "Gebürsteter Edelstahl mit mattem Griff, der auf dem Herd kühl bleibt.",
        "Die Übersetzung behält den sachlichen Ton des Originals bei; Maße stehen in Zentimetern.",
    ),
    "French": (
        "Léger, silencieux et prêt en moins d’une minute : idéal pour les petites cuisines.",
        "Le texte d’origine contient une ambiguïté que j’ai levée au profit de l’usage courant.",
    ),
    "Japanese": (
        "小さな台所にもすっきり収まる、静かで使いやすい設計です。",
        "原文の「軽い」は重量ではなく操作感を指すため、「扱いやすい」と訳しました。",
    ),
    "Chinese": (
        "机身采用拉丝不锈钢，手柄隔热，清洁方便。",
        "根据您提供的资料，共发现三处与合同正文不一致的地方。",
    ),
    "Korean": ("손잡이는 뜨거워지지 않으며, 식기세척기에 넣어도 안전합니다.",),
    "Arabic": (
        "تصميم هادئ يناسب المطابخ الصغيرة، مع ضمان لمدة خمس سنوات.",
        "النص الأصلي يذكر رقم الطراز XG-204 مرتين، وقد أبقيته كما هو.",
    ),
    "Hebrew": ("העיצוב השקט מתאים למטבחים קטנים, עם אחריות לחמש שנים.",),
    "Hindi": ("यह छोटा, शांत और साफ़ करने में आसान है; पाँच साल की गारंटी के साथ।",),
    "Russian": ("Матовая ручка не нагревается, а корпус из стали легко протирается.",),
    "Thai": ("ดีไซน์เงียบ เหมาะกับครัวขนาดเล็ก รับประกันห้าปี",),
    "Greek": ("Αθόρυβο, ελαφρύ και εύκολο στον καθαρισμό.",),
    "Emoji": (
        "Sentiment: mostly positive 😊👍🏽, two angry replies 😡, one family 👨‍👩‍👧‍👦, flags 🇮🇪🇯🇵.",
        "Tone ✨playful✨ — café, naïve, Zürich, e\u0301 (combining), ﬁ (ligature), ½, ∑, ℝ.",
    ),
}

CODE_ANSWERS: Final[tuple[tuple[str, str], ...]] = (
    (
        "python",
        (
            "def read_lines(path: Path, limit: int = 1 << 20) -> Iterator[bytes]:\n"
            '    """Yield the lines of a file without holding it in memory."""\n'
            '    with path.open("rb") as file:\n'
            "        while line := file.readline(limit):\n"
            '            yield line.rstrip(b"\\r\\n")\n'
        ),
    ),
    (
        "sql",
        (
            "SELECT customer_id,\n"
            "       count(*) FILTER (WHERE status = 'refunded') AS refunds,\n"
            "       100.0 * count(*) FILTER (WHERE status = 'refunded') / count(*) AS pct\n"
            "  FROM orders\n"
            " WHERE placed_at >= now() - interval '90 days'\n"
            " GROUP BY customer_id\nHAVING count(*) > 5;\n"
        ),
    ),
    (
        "typescript",
        (
            "export function debounce<T extends unknown[]>(fn: (...args: T) => void, ms = 200) {\n"
            "  let timer: ReturnType<typeof setTimeout> | undefined;\n"
            "  return (...args: T) => {\n"
            "    clearTimeout(timer);\n"
            "    timer = setTimeout(() => fn(...args), ms);\n"
            "  };\n}\n"
        ),
    ),
    (
        "rust",
        (
            "fn median(values: &mut [f64]) -> Option<f64> {\n"
            "    values.sort_by(|a, b| a.total_cmp(b));\n"
            "    values.get(values.len() / 2).copied()\n}\n"
        ),
    ),
    (
        "diff",
        (
            "--- a/retry.py\n+++ b/retry.py\n@@ -41,3 +41,4 @@\n"
            "-    while True:\n+    for attempt in range(MAX_ATTEMPTS):\n"
            "         try:\n             return call()\n"
        ),
    ),
    ("bash", "set -euo pipefail\nfind . -name '*.jsonl' -size +100M -print0 | xargs -0 ls -lh\n"),
)

TABLES: Final[tuple[str, ...]] = (
    (
        "| Clause | Subject | Risk | Note |\n|---|---|:---:|---|\n"
        "| 4.1 | Payment terms | low | 45 days, undisputed invoices only |\n"
        "| 9.3 | Liability cap | **high** | twelve months of fees |\n"
        "| 14.2 | Annexes | medium | Schedule D is missing |\n"
    ),
    (
        "| Arm | n | Events | Hazard ratio (95% CI) |\n|:--|--:|--:|:-:|\n"
        "| Treatment | 104 | 31 | 0.92 (0.61–1.38) |\n| Control | 108 | 35 | 1.00 |\n"
    ),
    (
        "| Quarter | Revenue (M$) | Margin |\n|---|---:|---:|\n"
        "| Q1 | 412.6 | 38.1% |\n| Q2 | 431.0 | 37.4% |\n| Q3 | 447.2 | 36.9% |\n"
    ),
)

HOSTILE: Final[tuple[str, ...]] = (
    # What a page scraped from the web may make a model repeat; every one must stay plain text.
    "The log contains: \x1b[2J\x1b[1;1H\x1b[31mSYSTEM OK\x1b[0m and then continues.",
    "Title change \x1b]0;pwned\x07 and a clipboard write \x1b]52;c;cm0gLXJmIH4=\x07 were found.",
    "Device query \x1bP+q544e\x1b\\ and C1 bytes \x9b31m \x9d8;;https://example.com\x9c here.",
    "Markup such as [/], [b, [link=https://example.com]click[/link] or [@click=app.quit]x[/].",
    "The file is named invoice\u202efdp.exe and the word re\u200bfund hides a zero-width space.",
    "Back\x08\x08\x08\x08spaces, a bell \x07, a form feed \x0c and a carriage return\rOVERWRITTEN.",
    "Line separators \u2028 and \u2029 and a next-line \x85 do not end this record.",
    (
        "Zalgo: Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324a\u0300\u0301"
        "\u0304l\u0305\u0306\u0307g\u0308\u0309o\u030a\u030b."
    ),
    "=cmd|' /C calc'!A0 and +SUM(A1:A9) and @import look like formulas; <script>alert(1)</script>.",
)
