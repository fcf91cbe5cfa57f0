"""What is said to whom: no AWS in here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import humanize

GREETING = {"de": "Guten Tag", "en": "Hello", "es": "Hola", "fr": "Bonjour"}
VISIT = {"de": "{nth} Besuch", "en": "your {nth} visit", "es": "{nth} visita", "fr": "{nth} visite"}
LOCALE = {"de": "de_DE", "es": "es_ES", "fr": "fr_FR"}
REVISION = "1"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the configuration object says."""

    language: str = "en"
    shout: bool = False

    @staticmethod
    def of(data: Mapping[str, Any]) -> "Settings":
        """ValueError for a language that nobody taught us."""
        settings = Settings(language=str(data.get("language", "en")), shout=bool(data.get("shout", False)))
        if settings.language not in GREETING:
            raise ValueError(f"no greeting in {settings.language}: use one of {', '.join(sorted(GREETING))}")
        return settings


def greet(name: str, visit: int, settings: Settings) -> str:
    """`Hello Ada, your 3rd visit`. ValueError for a visit before the first."""
    if visit < 1:
        raise ValueError("a visit is counted from 1")
    words = f"{GREETING[settings.language]} {name or 'stranger'}"
    if visit > 1:
        words += f", {VISIT[settings.language].format(nth=_nth(visit, settings.language))}"
    return words.upper() if settings.shout else words


def _nth(number: int, language: str) -> str:
    if language not in LOCALE:
        return humanize.ordinal(number)
    humanize.i18n.activate(LOCALE[language])
    try:
        return humanize.ordinal(number)
    finally:
        humanize.i18n.deactivate()
