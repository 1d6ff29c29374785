"""What the pages of a class say from JavaScript, by the key that it is asked for."""

from __future__ import annotations

from omemsim.language import mark

__all__ = ["DESK", "LOBBY", "STUDENT"]

_OFTEN = mark("Too many requests from here. Wait a moment, then try again.")
LOBBY = {
    "code": mark("There is no room with this code. Compare it with what your instructor shows."),
    "full": mark("This room is full. Tell your instructor."),
    "often": _OFTEN,
    "offline": mark("The server does not answer. Check that you are on the same network."),
    "ended": mark(
        "The room was emptied for the next group, or the class has ended. To take part, enter the "
        "code that your instructor shows now."
    ),
    "left": mark("You have left the room."),
}
DESK = {
    "secret": mark(
        "Open the instructor’s link that the terminal shows: this address lacks its secret, or the "
        "class is over."
    ),
    "offline": mark("No connection to the server; trying again."),
    "over": mark("The class is over: the server was stopped."),
    "pause": mark("Pause for all"),
    "go": mark("Go on"),
    "paused": mark("All pages are paused."),
    "going": mark("All pages go on."),
    "step": mark("Step {step} is sent to all pages."),
    "again": mark("All pages began again, without answers."),
    "others": mark("The room is empty and has a new code: {code}."),
    "often": _OFTEN,
    "local": mark(
        "No QR code: nobody but this machine reaches this address. The server’s host=0.0.0.0 opens "
        "it to the network."
    ),
    "wall.paused": mark("The class is paused."),
    "counts": mark("Students here now: {here}. Answers: {answers}."),
    "place.of": mark("{lesson}, step {step} of {steps}: {title}"),
    "committed": mark("Committed to this step: {many} of {here} here"),
    "script.unsent": mark("(not sent yet)"),
    "script.say": mark("Say"),
    "script.ask": mark("Ask"),
    "script.wrong": mark("What goes wrong"),
    "wall.show": mark("Show on the wall"),
    "wall.hide": mark("Take off the wall"),
    "of": mark("{unit}: {said}"),
    "some.title": mark("Take the next step all the same?"),
    "some.text": mark(
        "{many} of {here} here have committed an answer to this step. Others have not, and lose "
        "their estimate."
    ),
    "some.yes": mark("Next step all the same"),
    "nowhere": mark("in no lesson"),
    "places": mark("Step and number of students"),
    "qr": mark("QR code of the address {address}"),
    "again.title": mark("Start again?"),
    "again.text": mark(
        "All answers are erased and all pages begin again. Students stay in the room."
    ),
    "others.title": mark("Empty the room for the next group?"),
    "others.text": mark(
        "All answers are erased, all students leave, and the room gets a new code."
    ),
    "first.title": mark("Bring all pages to step 1 of “{lesson}”?"),
    "first.text": mark(
        "Students who have gone ahead go back to the first step. Their answers stay, and from then "
        "on you lead."
    ),
    "first.yes": mark("Bring all to step 1"),
    "again.yes": mark("Erase and start again"),
    "others.yes": mark("Erase and empty the room"),
    "many": mark("Answers: {number}"),
    "answer": mark("Answer"),
    "number": mark("Number"),
    "mean": mark("Mean share of the hours, in percent"),
    "mix": mark("Mix {mix}: {many} ×"),
    "share": mark("{tactic} {percent}%"),
    "middle": mark("Median {median}, from {low} to {high}"),
    "from": mark("{low} to under {high}"),
    "hide": mark("Hide"),
    "pair": mark("{a}: {b}"),
    "hidden": mark("Hidden: {number}"),
    "show": mark("Show all"),
}
STUDENT = {
    "room": mark("Room {code}"),
    "here": mark("connected"),
    "offline": mark("No connection; trying again. Your answers are kept until it is back."),
    "sent": mark("Answer sent."),
    "refused": mark("An answer was not accepted."),
    "stays": mark("It was answered before from this browser; the first answer stays."),
    "step": mark("Your instructor has brought all to step {step}."),
    "again": mark("Your instructor has started again; all answers are erased."),
    "paused": mark("Your instructor has paused the class"),
    "wait": mark("The page goes on when your instructor does."),
    "over": mark("The class is over. You can go on exploring here."),
    "leave": mark("Leave the room"),
    "leave.sure": mark(
        "Leave the room? Your page forgets your answers; those that you sent stay with the class."
    ),
    "stay": mark("Stay"),
}
