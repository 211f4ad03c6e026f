"""The languages of XTREME's tasks (Hu et al. 2020, evaluate.py), and label sets they share."""

NLI_LABELS = ("entailment", "neutral", "contradiction")
ENTITIES = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
UPOS = tuple(
    "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split()
)

XNLI = tuple("ar bg de el en es fr hi ru sw th tr ur vi zh".split())
PAWSX = tuple("de en es fr ja ko zh".split())
UDPOS = tuple(
    "af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl tr ur vi"
    " yo zh".split()
)
UDPOS_DEV = tuple(code for code in UDPOS if code not in ("kk", "th", "tl", "yo"))
PANX = tuple(
    "ar he vi id jv ms tl eu ml ta te af nl en de el bn hi mr ur fa fr it pt es bg ru ja ka ko th"
    " sw yo my zh kk tr et fi hu".split()
)
XQUAD = tuple("en es de el ru tr ar vi th zh hi".split())
MLQA = tuple("en es de ar hi vi zh".split())
TYDIQA = tuple("en ar bn fi id ko ru sw te".split())
BUCC = tuple("de fr ru zh".split())
TATOEBA = tuple(
    "ar he vi id jv tl eu ml ta te af nl de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw zh"
    " kk tr et fi hu".split()
)
