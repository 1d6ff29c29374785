"""What columns are called in public tables, in English, French and German.

All are patterns over a *plain* name: lower case letters and digits only, without accents, codes in
brackets, marks of footnotes, and words such as "number of" (`plain`).
"""

from __future__ import annotations

import re
import unicodedata

__all__ = [
    "COUNT",
    "DEPRIVATION",
    "MONTH",
    "OFFENCE",
    "ONE",
    "RATE",
    "STATISTIC",
    "SUMS",
    "THOUSANDS",
    "TOTAL",
    "UNKNOWN",
    "WHOLE",
    "YEAR_AT_END",
    "plain",
]

OF_A_YEAR = r"((19|20)\d\d)"
_PEOPLE = (
    r"(total|resident|residents|census|estimated|mid(year)?|usualresident)*"
    r"(population|pop|residents|inhabitants|habitants|allpersons|persons|people|einwohner(innen)?"
    r"|einwohnerzahl|bevolkerung(szahl|sstand)?|wohnbevolkerung)"
    r"(total(e)?|census|estimates?|insgesamt|gesamt|allages)?"
)
_CALLS = (
    r"(public|total|police|911|emergency)?calls(forservice|topolice|to911|total)?|cfs(total)?"
    r"|appels(deservice|alapolice|911)?|notrufe|polizeinotrufe"
)
_AREA = (
    r"neighbou?rhoods?|areas?|hood|zones?|wards?|quartiers?|community(area)?|communities|districts?"
    r"|divisions?|boroughs?|arrondissements?|secteurs?|municipalit(y|ies|e)|commune|village|parish"
    r"|localauthority|stadtteile?|ortsteile?|(stadt)?bezirke?|gebiet|viertel|(lsoa|msoa|oa|lad)"
    r"(11|21)?|datazone|planningarea|suburb|precinct|patrolzone|tract|censustract|locality"
)
_PLACE = r"location|place|geography|geo|geoname|beat|sector|town|city|unit|lieu|ort|region"

# Our name -> patterns, most telling first. The first that a fitting column matches wins.
ONE: dict[str, tuple[str, ...]] = {
    "id": (
        r"id",
        rf"hood(id|158|140)?|({_AREA}|{_PLACE}|ct|geo)(id|no|nr|number|code|uid|nummer|cd)"
        r"|geoid|dguid|code|wardno|schlussel|kennziffer|kennung|nr|nummer|num(ero)?|no",
        r"polyid|objectid|fid|ogcfid|gid|uid",
    ),
    "name": (
        r"name|nom|bezeichnung",
        rf"({_AREA})(name|nom|nm|bezeichnung)?|nom({_AREA})|name(of)?({_AREA})|"
        rf"(name)?({_AREA})(english|en|fr|francais)",
        rf"({_PLACE})(name|nom)?",
    ),
    "year": (
        r"(report(ing|ed)?|occ(urrence)?|offen[cs]e|fiscal|calendar|data|reference|crime)?(year|yr)"
        r"|annee|(berichts)?jahr|exercice|refdate|(year|annee)(of|de)\w*",
    ),
    "population": (
        _PEOPLE,
        rf"({_PEOPLE})(in)?{OF_A_YEAR}(census|estimate)?|{OF_A_YEAR}(census)?({_PEOPLE})",
    ),
    "population_15": (r"pop(ulation)?15(plus|over|andover|ans(etplus))?|residents15(plus)?",),
    "pct_0_14": (
        r"(pct|percent|share|pourcentage|anteil)(age|aged)?(0(to)?14|under15|unter15)",
        r"(pct)?(0to14|014)(pct|percent)",
    ),
    "households": (
        r"households|menages|private(households|dwellings)|occupieddwellings|haushalte",
    ),
    "calls": (_CALLS, rf"({_CALLS}){OF_A_YEAR}"),
    "moving": (r"(pct|percent|share)(movers|moved)(1yr|1year|oneyear)?",),
    "minority": (
        r"(pct|percent|share)(visible)?minorit(y|ies)",
        r"(pct|percent|share)racialized",
    ),
    "indigenous": (r"(pct|percent|share)(indigenous|aboriginal)",),
    "visitors": (r"(daytime)?visitors|visiteurs|besucher",),
    "businesses": (r"business(es)?(number)?|entreprises|etablissements|betriebe",),
    "area_km2": (
        r"(land)?area(insq|in|sq)?km2?|superficie(en)?(km2)?|sqkm|flache(in|qkm|km2)*|areasqkm|km2",
    ),
    "lon": (r"lon|long|longitude|lng|centroidlon|lange|langengrad",),
    "lat": (r"lat|latitude|centroidlat|breite|breitengrad",),
    "x": (r"x|easting|xm",),
    "y": (r"y|northing|ym",),
}
_CRIMES = r"(crimes?|offen[cs]es?|incidents?|violations?|delikte?|straftaten|infractions?|delits?)"
_VEHICLE = r"(mv|(motor)?vehicles?|autos?|cars?)"
_LAW = r"(criminalcode)?"
# What is counted: the names of a total, and of the offences that are summed where there is none.
SUMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "violence": (
        (
            rf"(total)?({_CRIMES})?violent{_LAW}({_CRIMES})*(total)?|violences?|violencecrimes",
            rf"{_CRIMES}(against|vs)(the)?persons?|(person|violence){_CRIMES}",
            rf"{_CRIMES}(violent(e?s)?|avecviolences?|contre(la|les)?personnes?)",
            r"gewalt(delikte|kriminalitat|taten|straftaten)?",
        ),
        (
            r"(common|aggravated|simple|serious|other|nonsexual|physical)?assaults?|voiesdefait",
            r"(criminal)?battery|agressions?|woundings?|coups(et)?blessures",
            r"violenceand(sexual)?offences|violenceagainst(the)?person|violencewith(out)?injury",
            r"(crim(inal)?)?sex(ual)?(assaults?|violations?|offen[cs]es?|crimes?)|rapes?",
            r"agressionssexuelles?|infractionssexuelles?|sexualdelikte|vergewaltigung(en)?",
            r"(personal|business|commercial)?robber(y|ies)|vols?qualifies?|raub(uberfalle|delikte)?",
            r"homicides?|murders?|meurtres?|infractionsentrainantlamort|mord|totungsdelikte",
            r"(uttering)?threats?|(criminal)?harassment|menaces|harcelement|bedrohung(en)?|stalking",
            r"kidnappings?|abductions?|(gefahrliche|einfache|schwere|leichte)?korperverletzung(en)?",
        ),
    ),
    "property": (
        (
            rf"(total)?({_CRIMES})?property{_LAW}({_CRIMES})*(total)?|propriete|propertyrelated{_CRIMES}",
            rf"{_CRIMES}against(the)?property",
            rf"{_CRIMES}contre(les|la|des)?(biens|propriete)|eigentums(delikte|kriminalitat)",
        ),
        (
            r"breaks?(and)?enter(s|ing)?|breakins?|be|bande|housebreaking",
            r"(residential|commercial|other|domestic|non(residential|domestic))?burglar(y|ies)",
            r"cambriolages?|(introductions?|entrees?)(pareffraction)?",
            r"(wohnungs|keller)?einbr(u|ue)ch(e|sdiebstahle?)?",
            rf"({_VEHICLE})thefts?|thefts?of{_VEHICLE}|stolen{_VEHICLE}|vehicle{_CRIMES}",
            r"vols?de?(vehicules?(amoteur)?|autos?)|(kfz|auto|fahrrad|laden)diebst(a|ae)hle?",
            rf"thefts?from{_VEHICLE}|vols?(dans|sur)(sur|les|un)?(vehicules?(amoteur)?|autos?)",
            r"(bike|bicycle)thefts?|theftsof(bikes?|bicycles?)|vols?develos?|theftfromtheperson",
            r"shoplift(ing|ings|ers?)|vols?aletalage|sachbeschadigung(en)?|brandstiftung(en)?",
            r"(other|petty|grand)?thefts?((over|under)(5000|5k)?)?|larcen(y|ies)|vols?",
            r"(einfacher?|schwerer?)?diebst(a|ae)hle?|betrug(sdelikte)?|vermogensdelikte",
            r"mischiefs?|vandalism|(criminal)?damage(andarson|toproperty)?|mefaits?",
            r"frauds?|fraudes?|arsons?|incendiescriminels?|possessionofstolenproperty",
        ),
    ),
    "crime": (
        (
            rf"(total|all|overall|recorded)*({_CRIMES}|criminality)(total|insgesamt|gesamt|all)?",
            rf"(total|all)+{_LAW}{_CRIMES}(excludingtraffic|exceptraffic)?|totalmci|crimetotal",
            r"criminalite|infractionstotales?|kriminalitat|gesamt(kriminalitat|straftaten)",
        ),
        (),
    ),
}
_INCOME = (
    r"(hh|household|family|tax|after|before|net|gross|total|haushalts)*(income|revenu|einkommen)"
)
# Searched for anywhere in the name -> weight; negative where more is better off.
DEPRIVATION: dict[str, float] = {
    r"lowincome|poverty|pauvrete|limat|faiblerevenu|armut(squote|sgefahrdung)?|sgbii|welfare": 1.0,
    r"unemploy|chomage|arbeitslos|jobless": 1.0,
    r"loneparent|singleparent|monoparental|alleinerzieh": 1.0,
    r"no(certificate|diploma|highschool|qualif|degree)|sansdiplome|sansaucundiplome": 1.0,
    r"notsuitablehousing|unsuitablehousing|overcrowd|coreneed": 1.0,
    r"deprivation(score|index)?|imdscore|defavorisation": 1.0,
    rf"(median|med|mean|average|avg|medianes?|moyen|mittleres?).*{_INCOME}|^{_INCOME}s?{OF_A_YEAR}?$"
    rf"|{_INCOME}s?(median|moyen|brut|net|pro)": -1.0,
}
YEAR_AT_END = re.compile(r"(.*?)[_ -]?((?:19|20)\d\d)")
RATE = re.compile(
    r"rate|per\d|perk|pct|percent|taux|pour(mille|cent|\d)|par\d|je\d|pro\d|quote|anteil|density|"
    r"dichte|densite|change|variation|ratio|average|mean|moyenne|rank|rang|share|haufigkeit"
)
OFFENCE = (
    r"offen[cs]es?(type|category|group|name|description)?|crimes?(type|category|group|name)|crime"
    r"|incidents?(type|category|name)|violations?|primarytype|categor(y|ie)|mcicategory|type(of)?crime"
    r"|(type|categorie|nature)d(e|es)?(infractions?|crimes?|delits?)|infractions?|delits?"
    r"|delikt(art|gruppe|e)?|straftat(en)?(gruppe|bestand)?|ucr(category)?|crimedescription|indicateur"
    r"|indicator|variable|measure|event(type)?"
)
MONTH = (
    r"months?|mois|monat|quarters?|trimestre|quartal|period"
    r"|((occ|report|offen[cs]e|incident|event|ref)(urrence|urred|ed)?)?(month|date)(time)?"
)
COUNT = (
    r"counts?|n|offen[cs]es?|incidents?|crimes?|total|values?|numbers?|cases|nombre|nb|effectif|valeur"
    r"|anzahl|falle|fallzahl|wert|events?|infractions?|delits?|freq(uency)?|straftaten|occurrences?"
)
STATISTIC = r"statistics?|statistiques?|uom|unitofmeasure|measures?|metric|kennzahl"
TOTAL = re.compile(
    r"(.*\W)?(sub|grand)?\s?tota(ls?|l[eu]?s?|ux)(\W.*)?|ensemble|sum|somme|summe|insgesamt"
    r"|all|all (wards|areas|neighbou?rhoods|districts|divisions|beats)"
    r"|gesamt(stadt|e stadt)?|(.*\W)?(city|town|county|region)[ -]?wide|stadt insgesamt|both sexes",
    re.IGNORECASE,
)
WHOLE = re.compile(
    r"canada|ontario|qu[ée]bec \(province\)|british columbia|alberta|manitoba|saskatchewan|england"
    r"|wales|england and wales|scotland|united kingdom|great britain|deutschland|germany|france"
    r"|schweiz|österreich|usa|united states|australia|new zealand|ireland",
    re.IGNORECASE,
)
UNKNOWN = re.compile(
    r".*\b(unknown|un-?assigned|un-?specified|not (assign\w*|stated|available|known|found)"
    r"|no (fixed )?address|nsa|out(side)? of (town|area|city)|elsewhere|inconnue?s?"
    r"|non[ -](assign\w*|d[ée]termin\w*|attribu\w*|pr[ée]cis\w*)|ind[ée]termin\w*|unbekannt"
    r"|nicht zu(zu)?orden\w*|ohne (angabe|zuordnung))\b.*",
    re.IGNORECASE,
)
THOUSANDS = re.compile(
    r"\(?(?:\bin |x )?(?:['’]000s?|(?<=\()000s?|\b000s|\bthousands?\b|\btausend|\bmilliers)\b\)?",
    re.IGNORECASE,
)
_SIDE = re.compile(
    r"\[[^\]]*\]|\((number|count|n|no\.?|nombre|anzahl|persons|people|residents|personnes|habitants|\d)\)|(?<!km)(?<!mi)[*†‡¹²³]+",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"^(numberof|nombred(e|es)?|countof|anzahl(der)?|noof|recorded|reported|policerecorded|sumof)+"
    r"(?=\w)|(?<=\w)(counts?|anzahl|nombre)$"
)


def plain(column: str) -> str:
    """Return a column's name in lower case letters and digits only, without words of quantity."""
    bare = _SIDE.sub("", THOUSANDS.sub("", column) or column)
    text = unicodedata.normalize("NFKD", bare.replace("ß", "ss"))
    text = text.replace("%", "pct").replace("#", "")
    return _QUANTITY.sub("", re.sub(r"[^a-z0-9]", "", text.lower()))
