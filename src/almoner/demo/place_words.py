"""Why: the words of which the invented borough's streets, wards, schools and companies are named.

Must never hold the name of a real council, school or company on purpose.
"""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


def _phrases(text: str) -> list[str]:
    return text.split(";")


STREET_STEMS = _words(
    "Alder Bramble Tanner Cobbler Heron Kestrel Linnet Plover Saffron Juniper Larkspur Tansy Foundry "
    "Ropewalk Granary Malthouse Weaver Spindle Shuttle Bobbin Quarry Sandhole Claypit Limekiln Dyer "
    "Fuller Cutler Chandler Cooperage Ambler Fording Ferryman Bargee Lock Wharf Towpath Orchard "
    "Damson Quince Medlar Russet Pippin Bullace Sloe Elder Rowanberry Hornbeam Aspen Willowherb "
    "Teasel Sorrel Yarrow Bracken Gorse Heather Fescue Sedge Osier Reedmace Kingcup Marigold "
    "Coltsfoot Priory Almonry Chantry Deanery Cloister Pinfold Tithe Glebe Beadle Reeve Burgage "
    "Farthing Groat Florin Guinea Halfpenny Lantern Tallow Candle Wick Ember Kiln Forge Anvil Hammer "
    "Ploughman Harrow Sickle Scythe Furrow Headland Fallow Barley Oat Rye Clover Vetch Lucerne Drover "
    "Shepherd Packhorse Carrier Turnpike Milestone Beacon Windmill Watermill Sluice Weir Eddy Brook "
    "Rill Spring Fountain Cistern Pump"
)
STREET_KINDS = _words("Road Street Avenue Close Lane Grove Drive Terrace Crescent Gardens Place Walk Way Court Rise")
SHORT_STREET_KINDS = {
    "Road": "Rd",
    "Street": "St",
    "Avenue": "Ave",
    "Close": "Cl",
    "Lane": "Ln",
    "Grove": "Gr",
    "Drive": "Dr",
    "Terrace": "Terr",
    "Crescent": "Cres",
    "Gardens": "Gdns",
    "Place": "Pl",
    "Walk": "Wk",
    "Way": "Way",
    "Court": "Ct",
    "Rise": "Rise",
}
BUILDINGS = _words("Heron Falcon Beacon Priory Chantry Foundry Wharf Granary Malthouse Almonry Kingfisher Swift")
WARD_NAMES = _phrases(
    "Almonry;Old Wharf;Weavers Hill;Priory & Chantry;Northgate Fields;Saltersbrook;Kiln Bank;"
    "Tanners Green;Amble Bridge;Reeve Park;Glebe Lands;Turnpike;Beacon Moor;Spindle Vale;"
    "Furrow Heath;Lock Side"
)
SCHOOL_NAMES = _phrases(
    "Bramble Hill;St Osyth's;Wharfside;Kiln Lane;Almonry;Glebe;Weavers;Sluice Road;Holy Well;"
    "Tanners Green;Heron Park;Pippin;Furrow Heath;Beacon;Chantry Lane;Granary;Lock Side;"
    "St Wulfric's;Osier Bank;Kestrel"
)
COMPANIES = _phrases(
    "Ambleford Lettings Ltd;Brackwater Estates Limited;Pinfold Property Holdings Ltd;"
    "Saltersbrook Homes plc;Tithe Barn Investments LLP;Wharfside Residential Limited;"
    "Groat & Guinea Property Ltd;Northgate Land Company Ltd"
)
ELSEWHERE = _phrases("Harrowdean;Castlemere;Stonebeck;Eastlow")
