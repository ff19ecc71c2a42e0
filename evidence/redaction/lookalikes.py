"""Letters that look like Latin letters, and letters that normalisation leaves apart though people write them alike.

Only tables for the redactor's folding (fold.py). The leak check builds its own from Unicode's names of the letters,
so that a hole in one table is not a hole in both.
"""


def _pairs(text: str) -> dict[str, str]:
    """Read "аa вb": a letter, then what it is searched as."""
    return {pair[0]: pair[1:] for pair in text.split()}


# Cyrillic and Armenian, after folding of case: capital and small letter look alike well enough.
_CYRILLIC = _pairs(
    "аa вb еe һh гr іi јj кk ӏl мm нh оo пn рp сc ѕs тt уy үy хx ԁd ԛq ԝw ьb ѵv әe ғf қk ңh өo ґr єe"
)
_ARMENIAN = _pairs("օo ոn սu հh ցg զq")

# Greek capitals and small letters resemble different Latin letters, so these are looked up before case is folded.
_GREEK_CAPITALS = _pairs("Αa Βb Εe Ζz Ηh Ιi Κk Μm Νn Οo Ρp Τt Υy Χx Ϲc Ϳj")
_GREEK_SMALL = _pairs("αa βb γy εe ηn ιi κk μu νv οo ρp τt υu χx ωw ϲc ϳj")

# Latin letters without a decomposition in Unicode; how people without that key write them.
_LATIN = _pairs(
    "æae œoe þth ðd đd ħh ıi łl ŀl øo ŧt ŋn əe ɑa ɡg ɩi ƒf ɓb ɗd ƙk ƴy ɐa ɛe ɔo ʋv "
    # Small capitals and similar letters that are used as "fancy text".
    "ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz"
)

# Arabic letters that the keyboards of the region exchange.
_ARABIC = _pairs("ىي یي کك ةه ہه ھه ٱا")

# Letters by Unicode's books, but nothing that a reader sees or spells: they must not keep letters apart.
_NOTHING = dict.fromkeys("\u0640\u115f\u1160\u3164\uffa0", "")
_MODIFIERS = {chr(code): "" for code in range(0x02B9, 0x02E0)}

BEFORE_CASE = _GREEK_CAPITALS | _GREEK_SMALL | _NOTHING | _MODIFIERS
AFTER_CASE = _CYRILLIC | _ARMENIAN | _LATIN | _ARABIC | _NOTHING
