# Makes the manual page tocsin.conf(5) from conf.def, one entry a setting.
# usage: awk -f conf5.awk conf.def
BEGIN {
	print ".TH TOCSIN.CONF 5 \"\" Tocsin \"Tocsin manual\""
	print ".SH NAME"
	print "tocsin.conf \\- settings of tocsind and tocsinctl"
	print ".SH DESCRIPTION"
	print "Sections in brackets, then"
	print ".IR \"key\" \" = \" value ,"
	print "one a line; a line that begins with # is a comment."
	print "An unknown section or key, a setting that stands twice and a"
	print "value out of bounds stop the start with a message that names it."
	print "A list is separated by blanks or commas; the path of a file is"
	print "relative to the folder of the settings file."
	print ".B tocsind \\-T"
	print "prints all settings with the values in force."
}

# Fields of one SETTING(...): commas within quotes do not separate.
function fields(s, f,    n, c, i, quoted, word) {
	n = 0
	word = ""
	quoted = 0
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		if (c == "\"")
			quoted = !quoted
		else if (c == "," && !quoted) {
			f[++n] = word
			word = ""
		} else if (c != " " || quoted)
			word = word c
	}
	f[++n] = word
	return n
}

function plain(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/-/, "\\-", s)
	return s ~ /^[.']/ ? "\\&" s : s
}

/^SETTING\(/ {
	line = $0
	sub(/^SETTING\(/, "", line)
	sub(/\)[ \t]*$/, "", line)
	if (fields(line, f) != 8)
		next
	if (f[1] != section) {
		section = f[1]
		print ".SH [" section "]"
	}
	print ".TP"
	print ".B " f[2]
	help = f[8]
	print plain(toupper(substr(help, 1, 1)) substr(help, 2)) "."
	unit = f[7] == "" ? "" : " " f[7]
	if (f[3] == "INT")
		print "From " f[5] " to " f[6] unit "."
	else if (f[3] == "BOOL")
		print "True or false."
	else if (f[3] == "LIST")
		print "A list."
	print f[4] == "" ? "Default: empty." : "Default: " plain(f[4]) "."
}
