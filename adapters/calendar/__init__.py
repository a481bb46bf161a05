"""Private calendars: the meetings as iCalendar, at an address of each person's own."""
