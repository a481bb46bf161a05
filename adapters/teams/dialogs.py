"""Which buttons open a dialog: Teams opens one only if the button itself has asked for it."""

from typing import assert_never

from bot.core import action as a


def opens_dialog(action: a.Action) -> bool:
    """Whether a press of a button that means this is answered by a form.

    Moving the guide may ask once whether one is sure, but moves most of the time; it is not one.

    >>> opens_dialog(a.ReadRules("g1")), opens_dialog(a.Attend("g1", 4, "yes"))
    (True, False)
    """
    match action:
        case (
            a.ChooseLanguage()
            | a.SetHours()
            | a.MyData()
            | a.ExportMine()
            | a.EraseMine()
            | a.SeeGroups()
            | a.SeeFigures()
            | a.OpenGroup()
            | a.ReplaceLeader()
            | a.StartHere()
            | a.CloseGroup()
            | a.LeaveGroup()
            | a.TellManager()
            | a.GetCalendar()
            | a.NameCalendar()
            | a.ReadRules()
            | a.PlanGroup()
            | a.AddMeeting()
            | a.ChangePlan()
            | a.PauseGroup()
            | a.MarkFree()
            | a.HandOver()
            | a.ReadAloud()
            | a.ProposeJoin()
            | a.ChangeRules()
        ):
            return True
        case (
            a.CheckIn()
            | a.ReadCheckIns()
            | a.BringCase()
            | a.AddCase()
            | a.SkipMeeting()
            | a.MoveMeeting()
            | a.GetSheet()
            | a.CastVote()
            | a.ChooseInRoom()
            | a.SetGuide()
            | a.ChoosePartner()
            | a.NotePartner()
            | a.Reflect()
            | a.ReadKept()
            | a.Pulse()
            | a.TakeFurther()
        ):
            return True
        case (
            a.AnswerLead()
            | a.AnswerInvite()
            | a.SignUp()
            | a.AskMore()
            | a.ShowGroup()
            | a.StartGroup()
            | a.ComeBack()
            | a.TakeOut()
            | a.SendAgain()
        ):
            return False
        case (
            a.Attend()
            | a.SkipCheckIn()
            | a.WithdrawCase()
            | a.MoveGuide()
            | a.AddMinutes()
            | a.PauseGuide()
            | a.EndMeeting()
            | a.MarkHeld()
            | a.AgreeRules()
            | a.Today()
            | a.OpenVote()
            | a.CloseVote()
            | a.HideOwner()
            | a.ProposePartner()
            | a.AnswerPartner()
            | a.OfferTitles()
            | a.AllowTitles()
            | a.AcceptMove()
            | a.Postpone()
            | a.KeepMeeting()
            | a.AllowJoin()
            | a.AcceptJoin()
            | a.AskReunion()
            | a.VoteReunion()
            | a.CloseReunion()
        ):
            return False
        case _:
            assert_never(action)
