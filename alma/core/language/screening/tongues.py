"""Which language a message is written in, told by its script and its small words: offline only English is understood,
and somebody who writes in another one should be told so rather than misread."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

TITLES: Mapping[str, str] = {
    "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
    "sv": "Swedish", "da": "Danish", "no": "Norwegian", "fi": "Finnish", "pl": "Polish", "cs": "Czech",
    "hu": "Hungarian", "ro": "Romanian", "tr": "Turkish", "id": "Indonesian", "ru": "Russian", "uk": "Ukrainian",
    "el": "Greek", "he": "Hebrew", "ar": "Arabic", "hi": "Hindi", "th": "Thai", "zh": "Chinese", "ja": "Japanese",
    "ko": "Korean", "vi": "Vietnamese",
}  # fmt: skip
_SCRIPTS = {
    "CYRILLIC": "ru", "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "ARABIC": "ar", "GREEK": "el",
    "HEBREW": "he", "DEVANAGARI": "hi", "THAI": "th",
}  # fmt: skip
_NAMES = re.compile(r"\S*\d\S*")  # "k8s" is no word of any language
_UKRAINIAN = set("іїєґ")
_MOSTLY = 0.4

# Small words and orders by which each language is told from English; words that are English too are left out.
_WORDS: Mapping[str, str] = {
    "de": "größer kleiner mach mehr weniger löschen entfernen hinzufügen erhöhe erhöhen bräuchte könntest "
    "der das und oder nicht ein eine einen einem einer ich wir du sie ihr mir uns bitte mit ohne für fuer "
    "auf aus von vom zum zur bei auch noch mehr weniger ist sind wird werden soll sollen kann kannst "
    "können brauche brauchen möchte moechte will hätte mach mache füge fuege hinzu erstelle lösche "
    "loesche entferne starte zeige wie viel viele kostet kosten was warum wieviel zwei drei vier fünf "
    "datenbank rechner speicher größer kleiner ändere alles gib gibt dem den des im am als nur jetzt "
    "stelle auf skaliere knoten danke guten",
    "fr": "pouvez peux peut supprimer enlever déployer mettre augmenter veuillez changez augmentez bonne "
    "le la les un une des du de et ou pas je nous vous tu il elle avec sans pour sur dans est sont être "
    "plus moins ajoute ajoutez ajouter crée créez créer supprime supprimez enlève mets mettez déploie "
    "déployer montre combien coûte coute quel quelle quels pourquoi comment besoin voudrais veux serveur "
    "serveurs base données deux trois quatre cinq s'il plaît merci bonjour au aux ce cette mon ma mes "
    "votre notre faut ai j'ai s'il qu'est c'est",
    "es": "puedes puede podría borrar quitar añade pon ponga aumentar sube baja servidor "
    "el la los las un una unos de del y o no con sin para por que como cuanto cuánto cuesta cuál necesito "
    "necesitamos quiero queremos agrega agregue añade añadir crea crear elimina eliminar borra quita "
    "muestra despliega desplegar servidor servidores base datos dos tres cuatro cinco más menos favor "
    "gracias hola por qué está están ser hay mi su este esta al lo se cambia haz hazlo escala aumenta",
    "it": "puoi può aggiungi togli cancella aumenta mettere "
    "il lo la gli le un una uno di del della dei e o non con senza per che come quanto costa voglio "
    "vorrei aggiungi aggiungere crea creare elimina rimuovi mostra distribuisci server due tre quattro "
    "cinque più meno grazie ciao perché è sono ho bisogno mi serve servono questo questa nel nella al "
    "alla anche",
    "pt": "pode você adicionar apagar aumente coloque "
    "o os as um uma uns de do da dos das e ou não nao com sem para por que como quanto custa preciso "
    "precisamos quero queremos adicione adicionar crie criar remova remover apague mostre implante "
    "implantar servidor servidores banco dados dois três quatro cinco mais menos favor obrigado obrigada "
    "olá ola está são meu minha no na ao",
    "nl": "de het een en of niet met zonder voor van op uit bij ik wij we jij je jullie mij ons graag "
    "alsjeblieft maak voeg toe verwijder toon laat zien hoeveel kost wat waarom hoe nodig heb hebben wil "
    "willen twee drie vier vijf meer minder dank hallo is zijn ook nog naar deze dit mijn onze schaal zet",
    "sv": "och eller inte med utan för från på av en ett jag vi du ni den det är har behöver vill lägg till ta "
    "bort skapa visa hur mycket kostar två tre fyra fem mer mindre tack hej databas",
    "da": "og eller ikke med uden fra på af en et jeg vi du det er har skal vil tilføj fjern opret vis hvor "
    "meget koster to tre fire fem mere mindre tak hej",
    "pl": "i lub nie z bez dla na do od jest są proszę dodaj usuń utwórz stwórz pokaż potrzebuję chcę ile "
    "kosztuje dwa trzy cztery pięć serwer serwery bazę danych więcej mniej dziękuję cześć",
    "cs": "a nebo ne s bez pro na je jsou prosím přidej odstraň vytvoř ukaž potřebuji chci kolik stojí dva tři "
    "čtyři více méně děkuji ahoj databázi",
    "fi": "ja tai ei kanssa ilman on ovat lisää poista luo näytä tarvitsen haluan paljonko maksaa kaksi kolme "
    "neljä kiitos hei palvelin tietokanta",
    "tr": "ve veya değil ile için bir iki üç dört ekle sil oluştur göster lütfen istiyorum lazım ne kadar "
    "sunucu veritabanı daha fazla az teşekkürler merhaba",
    "id": "dan atau tidak dengan tanpa untuk yang buat tambahkan hapus tampilkan saya kami butuh mau berapa dua "
    "tiga empat basis tolong terima kasih halo",
    "ro": "și sau nu cu fără pentru un o este sunt adaugă șterge creează arată vreau avem nevoie cât costă două "
    "trei patru mulțumesc bună",
    "hu": "és vagy nem az egy kell szeretnék adj hozzá törölj hozz létre mutasd mennyibe kerül két három négy "
    "kérlek köszönöm szia",
    "vi": "và hoặc không với cho một hai ba bốn thêm xóa tạo máy chủ cơ sở dữ liệu cần muốn bao nhiêu cảm ơn "
    "xin chào",
}  # fmt: skip
_SETS = {code: frozenset(words.split()) for code, words in _WORDS.items()}
# Greetings have few small words, and are the first that somebody says in their own language.
_GREETINGS: Mapping[str, str] = {
    "de": r"guten (?:tag|morgen|abend)|moin(?: moin)?|servus|grüezi|grüß gott|wie geht(?:'s| es)(?: dir| ihnen)?|"
    r"alles klar|hallo zusammen",
    "fr": r"bonjour|bonsoir|salut|coucou|ça va|ca va|comment (?:ça|ca) va|comment allez[- ]vous",
    "es": r"buen(?:os d[ií]as|as tardes|as noches)|hola|qu[eé] tal|c[oó]mo est[aá]s?|qu[eé] pasa",
    "it": r"buon ?(?:giorno|asera|a sera)|ciao|come va|come stai|salve",
    "pt": r"oi|ol[aá]|tudo (?:bem|bom)|bom dia|boa (?:tarde|noite)|como vai|e a[ií]",
    "nl": r"goede(?:morgen|middag|navond)|hoi|hoe gaat het(?: met je)?|dag allemaal",
    "sv": r"god (?:morgon|kväll)|hej(?: hej)?|hur mår du|tjena",
    "da": r"god(?:morgen| aften)|hvordan går det",
    "pl": r"cze[sś][cć]|dzie[nń] dobry|jak si[eę] masz|co s[lł]ycha[cć]",
    "cs": r"ahoj|dobr[yý] den|jak se m[aá](?:[sš]|te)",
    "tr": r"merhaba|selam|nas[ıi]ls[ıi]n(?:[ıi]z)?|g[uü]nayd[ıi]n",
    "fi": r"moi|terve|hyv[aä][aä] (?:p[aä]iv[aä][aä]|huomenta)|mit[aä] kuuluu",
    "id": r"apa kabar|selamat (?:pagi|siang|sore|malam)",
    "hu": r"szia|j[oó] napot|hogy vagy",
    "ro": r"bun[aă] ziua|salut|ce (?:mai )?faci",
}
_GREETED = {
    code: re.compile(rf"\W*(?:(?:{words})\W*)+", re.IGNORECASE)
    for code, words in _GREETINGS.items()
}
# What stands behind a slash is a unit: "req/s" has no Czech "s".
_LETTERS = re.compile(r"(?<![^\W\d_])(?<!/)[^\W\d_]+(?:['’][^\W\d_]+)?")
_ENOUGH = 2
_SHORT = 60


def tongue(text: str, english: Callable[[str], bool]) -> str | None:
    """The code of the language, None for English or when it can't be told. `english` says whether a word is English or
    belongs to the vocabulary."""
    written = _script(text)
    if written is not None:
        return written
    if len(text) <= _SHORT and (greeted := _greeted(text, english)):
        return greeted
    words = [word.casefold().replace("’", "'") for word in _LETTERS.findall(_NAMES.sub(" ", text))]
    if not words:
        return None
    known = [word for word in words if english(word)]
    strange = {word for word in words if word not in known}
    scores = {code: _score(words, strange, small) for code, small in _SETS.items()}
    code = max(scores, key=lambda each: scores[each])
    return code if _tells(scores[code], strange, words, _SETS[code]) else None


def _greeted(text: str, english: Callable[[str], bool]) -> str | None:
    """The language of a message that is a greeting and nothing else, unless English has taken it over."""
    words = [word.casefold() for word in _LETTERS.findall(text)]
    if all(english(word) for word in words):
        return None
    return next((code for code, greeting in _GREETED.items() if greeting.fullmatch(text)), None)


def _score(words: list[str], strange: set[str], small: frozenset[str]) -> float:
    """Words that are not English count in full, those that are both a little."""
    return sum(1.0 if word in strange else 0.3 for word in words if word in small)


def _tells(score: float, strange: set[str], words: list[str], small: frozenset[str]) -> bool:
    own = len(strange & small)
    english = len(words) - sum(word in strange for word in words)
    foreign = sum(word in small or word in strange for word in words)
    accented = any(not word.isascii() for word in strange)
    enough = own >= _ENOUGH or (own == 1 and (accented or score > 1.5 or len(words) < 4))
    return enough and foreign > english - sum(
        word in small for word in words if word not in strange
    )


def _script(text: str) -> str | None:
    """The language of a script other than the Latin one, if most letters are of it."""
    letters = [letter for letter in text if letter.isalpha()]
    counts: dict[str, int] = {}
    for letter in letters:
        if letter.isascii():
            continue
        name = unicodedata.name(letter, "").partition(" ")[0]
        if name in _SCRIPTS:
            counts[name] = counts.get(name, 0) + 1
    if not counts or sum(counts.values()) < _MOSTLY * len(letters):
        return None
    if {"HIRAGANA", "KATAKANA"} & counts.keys():
        return "ja"
    script = max(counts, key=lambda each: counts[each])
    if script == "CYRILLIC" and _UKRAINIAN & set(text.casefold()):
        return "uk"
    return _SCRIPTS[script]
