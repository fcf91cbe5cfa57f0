"""Names, places and specialties from which people are made. Frequencies fall as 1/rank, as names' do."""

import itertools
import random

MEN = """James Robert John Michael David William Richard Joseph Thomas Christopher Charles Daniel Matthew Anthony
Mark Donald
Steven Andrew Paul Joshua Kenneth Kevin Brian Timothy Ronald George Jason Edward Jeffrey Ryan Jacob Nicholas Gary
Eric Jonathan
Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Alexander Patrick Frank Raymond Jack Dennis Jerry Tyler
Aaron Jose Adam
Nathan Henry Zachary Douglas Peter Kyle Noah Ethan Jeremy Walter Christian Keith Roger Terry Austin Sean Gerald Carl
Harold Dylan
Arthur Lawrence Jordan Jesse Bryan Billy Bruce Gabriel Joe Logan Alan Juan Albert Willie Elijah Wayne Randy Vincent
Mason Roy Ralph
Bobby Russell Bradley Philip Eugene Amir Rajesh Wei Hiroshi Carlos Luis Miguel Omar Sanjay Anil Vikram Dmitri""".split()
WOMEN = """Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Sandra Margaret
Ashley Kimberly
Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Sharon Laura Cynthia Dorothy Amy Kathleen Angela
Shirley Emma
Brenda Pamela Nicole Anna Samantha Katherine Christine Debra Rachel Carolyn Janet Maria Olivia Heather Helen
Catherine Diane Julie
Victoria Joyce Lauren Kelly Christina Ruth Joan Virginia Judith Evelyn Hannah Andrea Megan Cheryl Jacqueline Madison
Teresa Abigail
Sophia Martha Sara Gloria Janice Kathryn Ann Isabella Judy Charlotte Julia Grace Amber Alice Jean Denise Frances
Danielle Marilyn
Natalie Beverly Diana Brittany Theresa Kayla Alexis Doris Lori Tiffany Priya Mei Yuki Fatima Lakshmi Elena Ingrid
Noor""".split()
COMMON = """Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson
Anderson Thomas
Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen
King Wright Scott
Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Patel Shah Kim Chen
Wang Khan Singh Gupta
Cohen Murphy Sullivan Kelly OBrien Schmidt Weber Rossi Silva Ali Ahmed Park Choi Yang Huang Liu Wong Tran Pham Kaplan
Levy""".split()
STEMS = """Ash Birch Black Bran Brook Carl Cald Chan Clay Cran Dal Darn Dun East Elm Fair Farn Frost Glen Gold Grant
Green Hal Ham Har
Hart Hazel Hol Hunt Kar Kirk Lam Lang Lind Lock Mar May Mel Mont Nor Oak Os Pem Pres Rad Ray Red Rich Rock Ros Ruther
Sand Shel Som
Stan Stein Stock Strat Thorn Tren Up Val Wake Wal War Wes White Wind Wood Yar""".split()
ENDINGS = """ford ton ham ley wood berg man son well worth field stein feld ridge bridge more land dale by ner mann
ski escu ati ano
oglu ian wick stead hurst""".split()
LASTS = list(dict.fromkeys([*COMMON, *(a + b for a, b in itertools.product(STEMS, ENDINGS))]))

STATES = {
    "CA": ("900", 12),
    "TX": ("750", 9),
    "FL": ("331", 7),
    "NY": ("100", 7),
    "PA": ("191", 5),
    "IL": ("606", 4),
    "OH": ("432", 4),
    "GA": ("303", 3),
    "NC": ("282", 3),
    "MI": ("482", 3),
    "NJ": ("071", 3),
    "VA": ("232", 3),
    "WA": ("981", 3),
    "AZ": ("850", 2),
    "MA": ("021", 3),
    "TN": ("372", 2),
    "IN": ("462", 2),
    "MO": ("631", 2),
    "MD": ("212", 2),
    "WI": ("532", 2),
    "CO": ("802", 2),
    "MN": ("554", 2),
    "SC": ("292", 1),
    "AL": ("352", 1),
    "LA": ("701", 1),
    "KY": ("402", 1),
    "OR": ("972", 1),
    "OK": ("731", 1),
    "CT": ("061", 1),
    "UT": ("841", 1),
}
TOWNS = """Springfield Fairview Franklin Greenville Bristol Clinton Salem Madison Georgetown Arlington Ashland Dover
Oxford Jackson
Burlington Manchester Milton Newport Auburn Dayton Lexington Riverside Cleveland Hudson Kingston Mount Vernon""".split()
STREETS = """Main Oak Pine Maple Cedar Elm Washington Lake Hill Park Walnut Spring North Ridge Church Willow Mill
Sunset Railroad
Jefferson Center Highland Forest River Meadow Chestnut Franklin Adams""".split()
ORGANISATIONS = (
    "General Memorial Regional Community University Valley Lakeside Mercy Unity Summit Pioneer Harbor".split()
)
PROVIDERS = [
    "postbox.example",
    "inbox.example",
    "mailhaus.test",
    "quickmail.example",
    "homenet.test",
    "letterbox.example",
    "cablemail.example",
    "fastlane.test",
]
WORDS = """sunny golfer skier sailor runner hiker tiger eagle river coffee guitar piano yankee dodger bookworm
stargazer gardener
trout maple comet panda falcon""".split()
SKILLS = """laparoscopy echocardiography colonoscopy ultrasound acupuncture botox arthroscopy dialysis telehealth
endoscopy
mohs-surgery cataract-surgery pain-management sleep-medicine wound-care diabetes-care palliative-care spirometry
stress-test
cognitive-therapy allergy-testing joint-injection vaccination obesity-medicine""".split()
# NUCC's codes, each with the ways in which people write them.
SPECIALTIES: dict[str, tuple[int, list[str]]] = {
    "207Q00000X": (13, ["Family Medicine", "Family Practice", "FM", "family physician"]),
    "207R00000X": (14, ["Internal Medicine", "Internist", "IM", "internal med"]),
    "208000000X": (8, ["Pediatrics", "Pediatrician", "Peds"]),
    "207V00000X": (5, ["Obstetrics & Gynecology", "OB/GYN", "OBGYN"]),
    "2084P0800X": (5, ["Psychiatry", "Psychiatrist"]),
    "207P00000X": (6, ["Emergency Medicine", "ER physician", "EM"]),
    "207L00000X": (5, ["Anesthesiology", "Anesthesiologist"]),
    "2085R0202X": (5, ["Diagnostic Radiology", "Radiology", "Radiologist"]),
    "208600000X": (4, ["General Surgery", "Surgery", "Surgeon"]),
    "207RC0000X": (4, ["Cardiovascular Disease", "Cardiology", "Cardiologist"]),
    "207X00000X": (4, ["Orthopaedic Surgery", "Orthopedics", "Ortho"]),
    "207N00000X": (2, ["Dermatology", "Dermatologist", "Derm"]),
    "207W00000X": (3, ["Ophthalmology", "Eye doctor"]),
    "2084N0400X": (2, ["Neurology", "Neurologist"]),
    "207RG0100X": (2, ["Gastroenterology", "GI"]),
    "207RH0003X": (2, ["Hematology & Oncology", "Oncology", "Heme/Onc"]),
    "207RP1001X": (2, ["Pulmonary Disease", "Pulmonology"]),
    "207RN0300X": (1, ["Nephrology", "Kidney specialist"]),
    "207RE0101X": (1, ["Endocrinology, Diabetes & Metabolism", "Endocrinology"]),
    "207Y00000X": (1, ["Otolaryngology", "ENT"]),
    "208800000X": (1, ["Urology", "Urologist"]),
    "207T00000X": (1, ["Neurological Surgery", "Neurosurgery"]),
    "207ZP0102X": (2, ["Anatomic Pathology & Clinical Pathology", "Pathology"]),
    "208100000X": (1, ["Physical Medicine & Rehabilitation", "PM&R"]),
    "207K00000X": (1, ["Allergy & Immunology", "Allergist"]),
}


class Ranked:
    """Draws from a list, the k-th item as often as 1 / (k + shift)."""

    __slots__ = ("items", "weights")

    def __init__(self, items: list[str], shift: float) -> None:
        self.items = items
        self.weights = list(itertools.accumulate(1 / (rank + shift) for rank in range(len(items))))

    def draw(self, rng: random.Random) -> str:
        return rng.choices(self.items, cum_weights=self.weights)[0]
