"""The words that triage knows, as data: alarm, topics, what says nothing in a title, legal forms, free mail."""

from __future__ import annotations

ALARM = (
    "niets werkt", "werkt niets", "niets doet het", "alles ligt plat", "ligt plat", "ligt eruit", "ligt stil", "staan stil",
    "staat stil", "plat", "storing", "onbereikbaar", "kunnen niet bestellen", "kan niet bestellen", "niet bestellen",
    "kunnen niet werken", "kunnen niet leveren", "kunnen niet afrekenen", "kan niet afrekenen", "kunnen niets",
    "helemaal niets", "bel mij", "bel me", "spoed", "noodgeval", "zo snel mogelijk",
    "nothing works", "cannot order", "can't order", "cannot work", "can't work", "cannot sell", "can't sell",
    "cannot ship", "can't ship", "down", "offline", "outage", "unreachable", "emergency", "asap", "call me",
    "everything is broken", "completely broken", "standstill", "losing money", "losing orders",
)  # fmt: skip
"""A customer's own words that raise the impact by one step, unless the configuration gives other ones."""

TOPICS: dict[str, frozenset[str]] = {
    "billing": frozenset({
        "factuur", "facturen", "facturatie", "btw", "creditnota", "incasso", "abonnement",
        "invoice", "invoices", "invoicing", "billing", "bill", "vat", "subscription", "refund",
    }),
    "accounts": frozenset({
        "wachtwoord", "wachtwoorden", "password", "passwords", "login", "inloggen", "2fa", "mfa", "account", "accounts",
        "gebruiker", "user",
    }),
    "mail": frozenset({"mail", "mails", "email", "e-mail", "mailbox", "smtp", "imap", "spam", "nieuwsbrief", "newsletter"}),
    "printing": frozenset({"printer", "printers", "printen", "afdrukken", "print", "toner", "label", "labels"}),
    "telephony": frozenset({"telefoon", "telefonie", "bellen", "voip", "phone", "phones", "telephony"}),
    "wishes": frozenset({"wens", "verzoek", "offerte", "training", "handleiding", "feature", "quote", "manual"}),
}  # fmt: skip
"""What a ticket may be about by its own words. A topic that the service does not share keeps the ticket apart."""

SAYS_NOTHING = frozenset({
    "aan", "alle", "alles", "als", "bij", "dan", "dat", "deze", "die", "dit", "doen", "doet", "door", "een", "en", "er",
    "even", "geen", "goed", "graag", "haar", "heb", "hebben", "heeft", "help", "het", "hier", "hoe", "hoi", "hun", "iets",
    "is", "kan", "kunnen", "maar", "meer", "met", "mijn", "moet", "na", "naar", "niet", "niets", "nog", "nu", "om", "onder",
    "ons", "onze", "ook", "op", "over", "probleem", "problemen", "sinds", "storing", "te", "ticket", "uit", "uw", "van",
    "vanaf", "vanochtend", "vandaag", "voor", "vraag", "waarom", "wat", "weer", "weg", "werken", "werkt", "wij", "wordt",
    "zijn", "zo",
    "about", "after", "again", "all", "and", "any", "are", "broken", "but", "can", "cannot", "does", "down", "error",
    "errors", "fail", "failed", "failing", "fails", "for", "from", "has", "have", "hello", "high", "how", "into", "issue",
    "issues", "its", "low", "more", "need", "not", "nothing", "now", "off", "our", "out", "please", "problem", "problems",
    "question", "re", "fw", "fwd", "antw", "slow", "since", "some", "still", "that", "the", "their", "there", "this",
    "today", "urgent", "was", "we", "when", "why", "with", "work", "working", "works", "you", "your",
})  # fmt: skip
"""Words of a title that tell no two problems apart."""

LEGAL_FORMS = frozenset({
    "bv", "nv", "vof", "cv", "cvba", "bvba", "sprl", "srl", "sa", "sas", "sarl", "gmbh", "ag", "kg", "ug", "ohg", "ltd",
    "limited", "llc", "llp", "plc", "inc", "incorporated", "corp", "corporation", "co", "oy", "ab", "as", "aps", "spa",
    "vzw",
})  # fmt: skip
"""Legal forms at the end of a name, dots taken out; they tell no two organisations apart. """

FREE_MAIL = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.nl", "live.com", "live.nl", "msn.com",
    "yahoo.com", "yahoo.co.uk", "icloud.com", "me.com", "mac.com", "aol.com", "gmx.net", "gmx.de", "gmx.com", "web.de",
    "proton.me", "protonmail.com", "pm.me", "ziggo.nl", "kpnmail.nl", "kpnplanet.nl", "planet.nl", "xs4all.nl", "home.nl",
    "hetnet.nl", "upcmail.nl", "casema.nl", "chello.nl", "online.nl", "tele2.nl", "solcon.nl", "telfort.nl", "quicknet.nl",
    "telenet.be", "skynet.be", "proximus.be", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "t-online.de",
    "freenet.de", "mail.com", "zoho.com", "yandex.com", "mail.ru", "qq.com", "163.com", "btinternet.com", "comcast.net",
    "fastmail.com", "hey.com", "tutanota.com",
})  # fmt: skip
"""Mail domains that anybody can have: they never tell a customer."""

BOTS = frozenset({
    "noreply", "no-reply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster", "autoreply", "auto-reply",
    "autoresponder", "automation", "system", "bot",
})  # fmt: skip
"""Names and mail names that are nobody's, beside the configured `bots`."""
