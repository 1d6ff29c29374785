"""What the class page says in exercises, beside the texts of the lessons themselves."""

from __future__ import annotations

from omemsim.language import Named, mark

__all__ = ["EXERCISE"]

EXERCISE: dict[str, str | Named] = {
    "mode.exercise": mark("Exercise"),
    "label.exercise": mark("Exercise"),
    "exercise.menu": mark("Choose a lesson"),
    "exercise.how": mark(
        "Estimate first, commit, see, explain. What you see is computed by the model in this page; "
        "nobody wrote the results down beforehand."
    ),
    "exercise.how.file": mark("Nothing is kept: to begin again, reset."),
    "exercise.how.class": mark(
        "What you commit goes to your instructor without your name, and stays as it is; a reload "
        "of this page keeps it."
    ),
    "exercise.shut.title": mark("{mode} is closed for now"),
    "exercise.shut.one": mark(
        "{mode} shows numbers that you are asked to estimate. It opens when your estimate is "
        "committed; {n} is still open."
    ),
    "exercise.shut": mark(
        "{mode} shows numbers that you are asked to estimate. It opens when all your estimates are "
        "committed; {n} are still open."
    ),
    "exercise.shut.before": mark(
        "{mode} shows numbers that a lesson asks you to estimate. It opens when the lesson’s "
        "estimates are committed."
    ),
    "exercise.shut.return": mark("Back to the lesson"),
    "exercise.shut.open": mark("Open {mode} all the same"),
    "exercise.needs": mark(
        "The exercises need the model itself, which this browser cannot run, or which is not ready "
        "yet. A current browser with WebAssembly switched on can run it."
    ),
    "exercise.minutes": mark("{n} min"),
    "exercise.begin": mark("Begin: {title}"),
    "exercise.progress": mark("Step {k} of {n}"),
    "exercise.step": mark("Step {k} of {n}: {title}"),
    "exercise.notes": mark("Instructor’s script"),
    "exercise.notes.say": mark("Say"),
    "exercise.notes.ask": mark("Ask"),
    "exercise.notes.wrong": mark("What goes wrong"),
    "exercise.reset": mark("Reset for the next group"),
    "exercise.reset.sure": mark("Erase all answers of this page and begin again?"),
    "exercise.reset.yes": mark("Erase and begin again"),
    "exercise.reset.class": mark(
        "Your instructor has erased all answers. The lesson begins again."
    ),
    "exercise.again": mark("Try another mix"),
    "exercise.first": mark(
        "This estimate was for the first mix, and is compared with what that one brought."
    ),
    "exercise.unmixed": mark(
        "No mix was committed on this page: what you see is {other} against itself."
    ),
    "exercise.reset.done": mark("Everything is reset. The next group can begin."),
    "exercise.leave": mark("All lessons"),
    "exercise.paused": mark("The instructor has paused the lesson. Please look up."),
    "exercise.back": mark("Back"),
    "exercise.next": mark("Next"),
    "exercise.commit": mark("Commit"),
    "exercise.committed": mark("Your answer is committed."),
    "exercise.end": mark("End of the lesson"),
    "exercise.kind.read": mark("Read"),
    "exercise.kind.question": mark("Question"),
    "exercise.kind.estimate": mark("Estimate"),
    "exercise.kind.find_out": mark("Find out"),
    "exercise.kind.choose": mark("Choose"),
    "exercise.kind.run": mark("Let time pass"),
    "exercise.kind.see": mark("See"),
    "exercise.kind.explain": mark("Explain"),
    "exercise.kind.vote": mark("Vote"),
    "exercise.kind.debrief": mark("Debrief"),
    "exercise.choose": mark("Choose one answer"),
    "exercise.estimate": mark("Your estimate"),
    "exercise.number": mark("{unit}: your estimate"),
    "exercise.number.most": mark("{unit}: your estimate, from 0 to {most}"),
    "exercise.write": mark("Your words (they stay on this page)"),
    "exercise.write.class": mark("Your words (they go to your instructor, without your name)"),
    "exercise.way.lower": Named("way", "lower"),
    "exercise.way.same": mark("about the same, or one cannot tell"),
    "exercise.way.higher": Named("way", "higher"),
    "exercise.none": Named("answer", "none"),
    "exercise.before": mark("Before the lesson you said: {answer}"),
    "exercise.now": mark("Now you say: {answer}"),
    "exercise.right": mark("The source says: {answer}"),
    "exercise.missing.choice": mark("Choose an answer first."),
    "exercise.missing.number": mark("Write a number of 0 or more first."),
    "exercise.missing.bounds": mark("Write a number from 0 to {most} first: no other is possible."),
    "exercise.missing.text": mark("Write a sentence first."),
    "exercise.missing.shares": mark("Each share must be a number from 0 to 100."),
    "exercise.missing.budget": mark(
        "The shares add up to more than 100% of the hours. Lower one of them."
    ),
    "exercise.missing.zones": mark("Name a zone for each neighbourhood first."),
    "exercise.missing.vote": mark("Each role has to vote first."),
    "exercise.mix": mark(
        "In neighbourhoods that police see as {zones}: percent of the hours that calls leave"
    ),
    "or": mark("{a} or {b}"),
    "exercise.left": mark("{left} is left; it goes to routine patrol."),
    "exercise.over": mark("{over} too much."),
    "exercise.run": mark("Let {n} months pass"),
    "exercise.run.first": mark("{n} months lie ahead."),
    "exercise.run.many": mark(
        "It is then run in {n} towns, with and without: one town alone proves little."
    ),
    "exercise.ran": mark("Month {month} is reached."),
    "exercise.towns.done": mark("{done} of {n} towns are done."),
    "exercise.source": mark("Source"),
    "exercise.hours": mark("Hours left: {left} of {all}"),
    "exercise.ask": mark("{n} h"),
    "exercise.ask.label": mark("{source}, {hood}: ask, {n} hours"),
    "exercise.told": mark("{source}, {hood}: {answer}. {left} hours are left."),
    "exercise.name": mark("Name the zone of each"),
    "exercise.pick": mark("Choose a zone"),
    "exercise.yours": mark("You"),
    "exercise.police": mark("Police records"),
    "exercise.truly": mark("In truth"),
    "exercise.named": mark(
        "You named {right} of {all} as they truly are, with {hours} hours; the police records get "
        "{police} right."
    ),
    "exercise.against": mark(
        "Each mark is one town: this plan minus {other}, in the same town. Squares are worse, "
        "circles are not."
    ),
    "exercise.dots": mark("{measure}: a mark for each town"),
    "exercise.towns.lower": mark("{measure}: lower in {lower} of {n} towns."),
    "exercise.towns.higher": mark("{measure}: higher in {higher} of {n} towns."),
    "exercise.towns.equal": mark("{measure}: the same in all {n} towns."),
    "exercise.towns.same": mark(
        "{measure}: one cannot tell. Lower in {lower} of {n} towns, higher in {higher}."
    ),
    "exercise.result.none": mark("{what} The model: {came}. You gave no estimate."),
    "exercise.result.right": mark("{what} You: {yours}. The model: {came}."),
    "exercise.result.other": mark(
        "{what} You: {yours}. The model says otherwise: {came}. What explains it?"
    ),
    "exercise.result.high": mark("{what} You: {yours}. The model: {came}. Too high by {gap}."),
    "exercise.result.low": mark("{what} You: {yours}. The model: {came}. Too low by {gap}."),
    "exercise.across": mark("Across neighbourhoods: {a} and {b}"),
    "exercise.then": mark("Before"),
    "exercise.after": mark("Now"),
    "exercise.difference": mark("difference"),
    "exercise.numbers": mark("Numbers of the town"),
    "exercise.notice": mark("What to notice"),
    "exercise.watches": mark("Watches: {measure}, now {value}."),
    "exercise.wants.lower": mark("Lower is better."),
    "exercise.wants.higher": mark("Higher is better."),
    "exercise.decided": mark("Carried: {option}."),
    "exercise.tied": mark(
        "A tie. {role} decides, or else the first on the list that is tied: {option}."
    ),
    "exercise.debrief.estimates": mark("Estimates and what came"),
    "exercise.debrief.votes": mark("What the council carried"),
    "exercise.debrief.goals": mark("The council’s objectives, against the other strategy"),
    "exercise.debrief.talk": Named("debrief", "To talk about"),
}
