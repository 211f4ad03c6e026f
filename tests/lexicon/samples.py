"""Small dictionaries in the published formats, as the tests write them."""

import gzip
import struct
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from polystilts.lexicon.readers import READERS

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

CEDICT = """\
# CC-CEDICT
#! version=1
房子 房子 [fang2 zi5] /house/building (single- or two-story)/CL:棟|栋[dong4],幢[zhuang4]/
狗 狗 [gou3] /dog/CL:隻|只[zhi1]/
書 书 [shu1] /book/letter; document/to write/
吃 吃 [chi1] /to eat/(bound form) eating/
喫 吃 [chi1] /variant of 吃[chi1]/old variant of 吃/
周 周 [Zhou1] /surname Zhou/Zhou Dynasty (1046-256 BC)/
也 也 [ye3] /also/too/
"""

EDICT = """\
？？？ /EDICT, EDICT_SUB(P), EDICT2 Japanese-English Electronic Dictionary Files/
遣る [やる] /(v5r) (uk) to do/(P)/
家 [いえ] /(n) (1) house/residence/(n) (2) family (of a person)/(P)/EntL1191730X/
邸宅 [ていたく] /(n,adj-no) mansion/house/
犬 [いぬ] /(n) dog (Canis (lupus) familiaris)/(P)/
ヽ /(unc) repetition mark in katakana/
４° [しど] /
"""

JMDICT = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE JMdict [
<!ELEMENT JMdict (entry*)>
<!ATTLIST gloss xml:lang CDATA "eng">
<!ENTITY n "noun (common) (futsuumeishi)">
<!ENTITY uk "word usually written using kana alone">
]>
<JMdict>
<entry><ent_seq>1</ent_seq><k_ele><keb>邸宅</keb></k_ele><r_ele><reb>ていたく</reb></r_ele>
<sense><pos>&n;</pos><gloss>house</gloss><gloss>mansion</gloss></sense></entry>
<entry><ent_seq>2</ent_seq><k_ele><keb>家</keb><ke_pri>ichi1</ke_pri></k_ele><k_ele><keb>屋</keb></k_ele>
<r_ele><reb>いえ</reb></r_ele>
<sense><pos>&n;</pos><gloss>house</gloss><gloss xml:lang="ger">Haus</gloss></sense>
<sense><gloss>family (line)</gloss></sense></entry>
<entry><ent_seq>3</ent_seq><k_ele><keb>遣る</keb></k_ele><r_ele><reb>やる</reb><re_pri>ichi1</re_pri></r_ele>
<sense><misc>&uk;</misc><gloss>to do</gloss></sense>
<sense><gloss>to send</gloss></sense></entry>
<entry><ent_seq>4</ent_seq><r_ele><reb>パン</reb></r_ele>
<sense><gloss>bread &amp; buns</gloss></sense></entry>
</JMdict>
"""

TEI = """\
<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0"><text><body xml:lang="en">
<entry><form><orth>light</orth><pron>laɪt</pron></form><gramGrp><pos>adj</pos></gramGrp>
<sense><cit type="trans" xml:lang="fi"><quote>kevyt</quote><quote>helppo</quote></cit>
<sense><def>of little weight</def></sense></sense>
<sense><gramGrp><pos>n</pos></gramGrp><cit type="trans" xml:lang="fi"><quote>valo</quote></cit>
<cit type="example"><quote>daylight</quote><cit type="trans"><quote>päivä</quote></cit></cit>
<cit type="trans" xml:lang="sv"><quote>ljus</quote></cit></sense></entry>
<entry><form><orth>to run</orth><orth>to jog</orth></form>
<sense><cit type="trans"><quote>juosta</quote><gramGrp><pos>v</pos></gramGrp></cit></sense></entry>
<entry><form><orth>hello</orth></form><sense><trans><tr>hei</tr></trans></sense></entry>
<entry><form><orth>alas</orth></form></entry>
</body></text></TEI>
"""

ANNOTATIONS_EN = """\
<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE ldml SYSTEM "../../common/dtd/ldml.dtd">
<ldml><identity><language type="en"/></identity>
<annotations>
<annotation cp="🐕">dog | pet</annotation>
<annotation cp="🐕" type="tts">dog</annotation>
<annotation cp="🏠" type="tts">house</annotation>
<annotation cp="🗼" type="tts">Tokyo tower</annotation>
<annotation cp="🐧" type="tts">penguin</annotation>
<annotation cp="🐣" type="tts">hatching chick</annotation>
</annotations></ldml>
"""

ANNOTATIONS_YO = """\
<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE ldml SYSTEM "../../common/dtd/ldml.dtd">
<ldml><identity><language type="yo"/></identity>
<annotations>
<annotation cp="🐕">Ajá | ńkan ìsìn</annotation>
<annotation cp="🐕" type="tts">Ajá</annotation>
<annotation cp="🏠" type="tts">Ilé</annotation>
<annotation cp="🗼" type="tts">Ilé ìṣọ́ Tokyo</annotation>
<annotation cp="🐧" type="tts">↑↑↑</annotation>
</annotations></ldml>
"""

_MAIN = """\
<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE ldml SYSTEM "../../common/dtd/ldml.dtd">
<ldml>
<localeDisplayNames><languages>
<language type="de">{german}</language><language type="az" alt="short">{azeri}</language>
</languages><territories><territory type="DE">{germany}</territory></territories>
</localeDisplayNames>
<dates><calendars>
<calendar type="chinese"><months><monthContext type="format"><monthWidth type="wide">
<month type="1">Mo1</month></monthWidth></monthContext></months></calendar>
<calendar type="gregorian"><months>
<monthContext type="format"><monthWidth type="abbreviated"><month type="1">Jan</month></monthWidth>
<monthWidth type="wide"><month type="1">{january}</month></monthWidth></monthContext>
<monthContext type="stand-alone"><monthWidth type="wide"><month type="1">{alone}</month>
</monthWidth></monthContext></months></calendar></calendars>
<fields><field type="week"><displayName>{week}</displayName></field></fields></dates>
<numbers><currencies><currency type="EUR"><displayName>{euro}</displayName>
<displayName count="one">x</displayName></currency></currencies></numbers>
<units><unitLength type="long"><unit type="length-meter"><displayName>{metre}</displayName>
<unitPattern count="one">x</unitPattern></unit></unitLength>
<unitLength type="short"><unit type="length-meter"><displayName>m</displayName></unit></unitLength>
</units></ldml>
"""

MAIN_EN = _MAIN.format(
    german="German", azeri="Azeri", germany="Germany", january="January", alone="January",
    week="week", euro="Euro", metre="meters",
)  # fmt: skip
MAIN_RU = _MAIN.format(
    german="немецкий", azeri="азери", germany="Германия", january="января", alone="январь",
    week="неделя", euro="евро", metre="метры",
)  # fmt: skip

# Meaning 1: house; 2: house and home in another source; 3: a list without an English word; 4: dog
PANLEX = {
    "langvar": """\
id,lang_code,var_code,mutable
1,eng,0,t
2,eng,3,t
3,deu,0,t
4,deu,5,t
5,fra,0,t
""",
    "expr": """\
id,langvar,txt,txt_degr
10,1,house,house
11,1,home,home
12,1,dog,dog
13,2,hoose,hoose
20,3,Haus,haus
21,3,Heim,heim
22,3,Hund,hund
23,4,Huus,huus
24,5,maison,maison
25,3,"Hund, kleiner",hund
""",
    "denotation": """\
id,meaning,expr
1,100,10
2,100,20
3,100,23
4,101,10
5,101,11
6,101,21
7,101,20
8,102,22
9,103,12
10,103,22
11,103,24
12,100,13
13,103,25
""",
    "meaning": "id,source\n100,7\n101,8\n102,7\n103,9\n",
    "source": "id,grp,quality,label\n7,7,5,a\n8,8,3,b\n9,9,9,c\n",
}


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def entries(reader: str, language: str, *files: Path) -> tuple[list[tuple[str, str]], Counter[str]]:
    """Return (source, target) of all entries, and what was counted."""
    counts: Counter[str] = Counter()
    found = READERS[reader](files, language, counts)
    return [(entry.source, entry.target) for entry in found], +counts


def parts(reader: str, language: str, *files: Path) -> list[tuple[str, str, str | None]]:
    """Return (source, target, parts of speech) of all entries."""
    found = READERS[reader](files, language, Counter())
    return [(entry.source, entry.target, entry.pos) for entry in found]


def digits(number: int) -> str:
    """Return a number as dictd writes it."""
    text = _DIGITS[number % 64]
    while number := number // 64:
        text = _DIGITS[number % 64] + text
    return text


def index_word(headword: str) -> str:
    """Return a headword as dictfmt writes it into an index."""
    kept = "".join(c for c in headword.lower() if c.isalnum() or c.isspace())
    return " ".join(kept.split())


def database(records: Iterable[tuple[str, str]]) -> tuple[bytes, bytes]:
    """Return index and text of a dictd database from (headword of the index, text)."""
    lines, text = [], b""
    for word, body in [("00databaseshort", "A dictionary"), *records]:
        raw = body.encode("utf-8")
        lines.append(f"{word}\t{digits(len(text))}\t{digits(len(raw))}\n")
        text += raw
    return "".join(lines).encode("utf-8"), text


def dictzip(text: bytes) -> bytes:
    """Return a text as dictzip packs it: gzip whose header has a field RA with chunk sizes."""
    packed = gzip.compress(text, mtime=0)
    field = b"RA" + struct.pack("<HHHHH", 8, 1, 58315, 1, len(packed) & 0xFFFF)
    flags = bytes([packed[3] | 4])
    return packed[:3] + flags + packed[4:10] + struct.pack("<H", len(field)) + field + packed[10:]


def freedict(folder: Path, records: Mapping[str, str] | Iterable[str]) -> tuple[Path, Path]:
    """Write a FreeDict dictionary; texts begin with their headword unless a mapping names it."""
    if isinstance(records, Mapping):
        pairs = list(records.items())
    else:
        pairs = [(index_word(text.split(" /")[0].split(" <")[0]), text) for text in records]
    index, text = database(pairs)
    name = folder / "freedict-eng-xxx"
    return (
        write(name.with_suffix(".index"), index),
        write(folder / "freedict-eng-xxx.dict.dz", dictzip(text)),
    )


def panlex(folder: Path, **changed: str) -> list[Path]:
    """Write the tables of a small PanLex."""
    return [write(folder / f"{name}.csv", text) for name, text in {**PANLEX, **changed}.items()]


def files_of(reader: str) -> dict[str, bytes]:
    """Return name -> content of a small dictionary that a reader reads."""
    index, text = database(
        (index_word(record.split(" /")[0]), record)
        for record in (
            'house /hˈaʊs/\nHaus <neut>, Familie <fem>\n      "a house"  - ein Haus\n',
            "light //laɪt// <adj>\n1. светъл, лек 2.\nhaving light\n 3.\nlow\n2. [[лек|лека]]\ne\n",
            "to ring, rang, rung /r/\n1. csenget (harang)\n2. cseng. to ring up felhív.\n",
            "voyage /v/ <N>\n1. यात्रा{जल~यान}\n",
        )
    )
    texts: dict[str, dict[str, str | bytes]] = {
        "cedict": {"cedict.txt": CEDICT},
        "cedict_traditional": {"cedict.txt": CEDICT},
        "cldr": {
            "annotations/en.xml": ANNOTATIONS_EN,
            "annotations/yo.xml": ANNOTATIONS_YO,
            "main/en.xml": MAIN_EN,
            "main/yo.xml": MAIN_RU,
        },
        "edict": {"edict": EDICT.encode("euc_jp")},
        "freedict": {"x.index": index, "x.dict.dz": dictzip(text)},
        "freedict_tei": {"eng-fin.tei": TEI},
        "jmdict": {"JMdict_e": JMDICT},
        "muse": {"en-es.txt": "the el\r\nhouse\tcasa\nnew york\tnueva york\n\nwater agua\n"},
        "panlex": {f"{name}.csv": content for name, content in PANLEX.items()},
        "panlex_swadesh": {"eng.txt": "I\nthou\tyou\nfat\n", "swh.txt": "mimi\nwewe\n\n"},
        "tsv": {"a.tsv": "ice cream\thelado\tnoun\ncat\tgato\n"},
    }
    return {
        name: content.encode("utf-8") if isinstance(content, str) else content
        for name, content in texts[reader].items()
    }
