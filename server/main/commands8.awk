# Makes the manual page tocsinctl(8) from commands.def, one entry a command.
# usage: awk -f commands8.awk commands.def
BEGIN {
	print ".TH TOCSINCTL 8 \"\" Tocsin \"Tocsin manual\""
	print ".SH NAME"
	print "tocsinctl \\- the hand tool of the incident desk Tocsin"
	print ".SH SYNOPSIS"
	print ".B tocsinctl"
	print "[\\fB\\-c\\fR \\fIFILE\\fR] \\fICOMMAND\\fR [\\fIARGUMENT\\fR ...]"
	print ".SH DESCRIPTION"
	print "Works on the database that the settings file"
	print ".I FILE"
	print "names, beside a running"
	print ".BR tocsind (8)"
	print "or without one.  Without a command it lists what it can.  A file"
	print "named \\fB\\-\\fR is standard input."
	print ".SH COMMANDS"
}

function plain(s) {
	gsub(/\\"/, "\"", s)
	gsub(/\\/, "\\\\", s)
	gsub(/-/, "\\-", s)
	return s ~ /^[.']/ ? "\\&" s : s
}

/^COMMAND\(/ {
	split($0, f, "\"")
	words = f[2]
	usage = f[4]
	next
}

words != "" && /^    "/ {
	does = $0
	sub(/^    "/, "", does)
	sub(/"\)$/, "", does)
	print ".TP"
	print "\\fB" plain(words) "\\fR " plain(usage)
	print plain(does)
	words = ""
}

END {
	print ".SH EXIT STATUS"
	print "0 when it was done, 1 when it failed or found something wrong,"
	print "2 when it was called wrongly."
	print ".SH SEE ALSO"
	print ".BR tocsind (8),"
	print ".BR tocsin.conf (5)"
}
