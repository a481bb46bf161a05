"""What a group does over and over, told in the words of its people."""

from collections.abc import Awaitable, Callable

from tests.end_to_end.site import Persona, Reply, Site

SPONSOR = "karin-lund"
LEADERS = ("mats-ekberg", "ingrid-solheim")
PEOPLE = (
    "asa-nystrom",
    "johan-wikstrom",
    "kari-nordby",
    "fatima-haddad",
    "bjorn-haugen",
    "lena-sjogren",
    "per-lindqvist",
    "silje-myhre",
    "david-okafor",
    "torunn-bakke",
)

#: A label in Swedish, bokmål and English, for personas who each read their own language.
SAID = {
    "yes to lead": ("Ja, det vill jag", "Ja, det vil jeg", "Yes, I will"),
    "yes": ("Ja, jag är med", "Ja, jeg blir med", "Yes, count me in"),
    "no": ("Nej tack", "Nei takk", "No, thank you"),
    "show": ("Visa vilka som är med", "Vis hvem som er med", "Show who is in"),
    "start": ("Starta gruppen", "Start gruppen", "Start the group"),
    "next": ("Nästa", "Neste", "Next"),
    "back": ("Tillbaka", "Tilbake", "Back"),
    "coming": ("Jag kommer", "Jeg kommer", "I'm coming"),
    "can't": ("Kan inte", "Kan ikke", "Can't come"),
    "try again": ("Försök igen", "Prøv igjen", "Try again"),
    "check in": ("Checka in", "Sjekk inn", "Check in"),
    "bring": ("Ta med en fråga", "Ta med noe du står i", "Bring a question"),
    "today": ("Ja, i dag", "Ja, i dag", "Yes, today"),
    "not today": ("Inte i dag", "Ikke i dag", "Not today"),
    "open the vote": ("Öppna omröstningen", "Åpne avstemningen", "Open the vote"),
    "close the vote": ("Stäng omröstningen", "Lukk avstemningen", "Close the vote"),
    "choose partner": ("Jag väljer själv", "Jeg velger selv", "I would like to choose"),
    "gladly": ("Gärna", "Gjerne", "Gladly"),
    "vote": ("Rösta", "Stem", "Vote"),
    "chose": ("Vi valde i rummet", "Vi valgte i rommet", "We chose in the room"),
    "reflect": ("Reflektera", "Reflekter", "Reflect"),
    "three": ("Tre frågor", "Tre spørsmål", "Three questions"),
    "further": ("Det jag går vidare med", "Det jeg går videre med", "What I take further"),
    "leave": ("Lämna gruppen", "Gå ut av gruppen", "Leave the group"),
    "end": ("Avsluta träffen", "Avslutt møtet", "End the meeting"),
}


async def press(person: Persona, what: str, room: str = "krets") -> Reply:
    """Press the newest button that means this, whatever the person's language."""
    seen = await person.see(room)
    labels = [label for label in SAID[what] if label in seen.labels()]
    assert labels, f"{person.native} sees no {what!r} but {seen.labels()}"
    return await person.press_in(seen, labels[0], room)


async def sees(person: Persona, what: str, room: str = "krets") -> bool:
    """Whether there is a button that means this."""
    seen = await person.see(room)
    return any(label in seen.labels() for label in SAID[what])


def opening(**changed: object) -> dict[str, object]:
    """What is answered to open a Jönköping group that meets on Tuesdays at 13."""
    answers: dict[str, object] = {
        "name": "Tisdagsgruppen",
        "method": "jonkoping",
        "date": "2027-01-19",
        "time": "13:00",
        "every": "1",
        "place": "Rum 4",
        "link": "",
        "leaders": {"people": list(LEADERS)},
        "pool": {"people": list(PEOPLE)},
        "language": "sv",
        "country": "SE",
        "zone": "Europe/Stockholm",
        "working_time": True,
        "informed": True,
    }
    return answers | changed


async def open_group(site: Site, **changed: object) -> Reply:
    """The sponsor opens that group."""
    sponsor = site.persona(SPONSOR)
    form = await sponsor.write("/krets öppna")
    return await sponsor.submit(form, **opening(**changed))


async def ask_all(site: Site, no: str = "", silent: str = "", **changed: object) -> Persona:
    """Everybody is asked and answers, and sees who is in; the leader who can start the group."""
    assert (await open_group(site, **changed)).kind == "notice"
    for leader in LEADERS:
        await press(site.persona(leader), "yes to lead")
    for one in PEOPLE:
        if one != silent:
            await press(site.persona(one), "no" if one == no else "yes")
    leader = site.persona(LEADERS[0])
    await press(leader, "show")
    return leader


async def gather(site: Site, no: str = "", silent: str = "", **changed: object) -> str:
    """Everybody is asked and answers; the group starts. The slug of its room comes back."""
    leader = await ask_all(site, no, silent, **changed)
    await site.travel(by="PT1H")
    if site.makes_rooms:
        await press(leader, "start")
    await site.make_room(leader, [one for one in (*LEADERS, *PEOPLE) if one not in (no, silent)])
    (room,) = await leader.rooms()
    return room


async def bring(person: Persona, text: str, room: str) -> None:
    """Bring a question from the group's room."""
    form = await press(person, "bring", room)
    assert (await person.submit(form, room, case=text)).kind == "notice"


async def vote(person: Persona, room: str, *words: str) -> Reply:
    """Vote for every question whose text or author is one of these words."""
    form = await press(person, "vote", room)
    chosen = [
        id
        for id, label in form.seen.choices["cases"].items()
        if any(word in label for word in words)
    ]
    assert len(chosen) == len(words), form.seen.choices
    return await person.submit(form, room, cases=chosen)


async def to_the_vote(leader: Persona) -> None:
    """From the first step to the fourth."""
    for _ in range(3):
        await press(leader, "next")


async def to_the_end(leader: Persona) -> None:
    """Step by step to the last, then end the meeting; the brake is passed knowingly."""
    seen = await leader.see()
    while label := next((one for one in SAID["next"] if one in seen.labels()), ""):
        reply = await leader.press_in(seen, label)
        if reply.kind == "form":
            await leader.submit(reply)
        seen = await leader.see()
    await press(leader, "end")


async def hold(site: Site, number: int, room: str) -> None:
    """One meeting with a vote, from the question to what its owner takes further."""
    mats = site.persona(LEADERS[0])
    people = [site.persona(one) for one in PEOPLE]
    asa, johan, kari, *_, torunn = people
    await site.until("question", number)
    await press(asa, "coming", room)
    await press(torunn, "can't", room)
    await bring(asa, f"en fråga {number}", room)
    await bring(kari, f"en annan {number}", room)
    await site.until("remind", number)
    await press(johan, "coming")
    await site.until("checkin", number)
    await asa.submit(
        await press(asa, "check in"), tap="heavy", words=f"det tunga {number}", level="leaders"
    )
    await site.until("begin", number)
    await to_the_vote(mats)
    await press(asa, "today")
    await press(kari, "not today")
    await press(mats, "open the vote")
    for one in people[:-1]:
        await vote(one, room, "en fråga" if one.native < "k" else "en annan")
    await to_the_end(mats)
    await johan.submit(await press(johan, "reflect"), support=f"stödet {number}", keep=True)
    if number == 10:
        await site.travel(by="PT6H")
        return
    await site.until("next_day", number)
    await asa.submit(await press(asa, "further"), words=f"gå vidare {number}")


async def programme(site: Site, meetings: int, after: Callable[[int], Awaitable[None]]) -> str:
    """A programme with so many of its meetings held; `after` is told of each. Its room."""
    room = await gather(site)
    await site.until("begin", 1)
    await to_the_end(site.persona(LEADERS[0]))
    await after(1)
    for number in range(2, meetings + 1):
        await hold(site, number, room)
        await after(number)
    if meetings == 10:
        await site.until("shred", 10)
        await after(11)
    return room
