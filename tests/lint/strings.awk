# No SQL and no markup in C: SQL is in sql/, markup in templates/.  Looks
# into string literals only.
# usage: awk -f strings.awk FILE...; prints what is wrong.
BEGIN {
	# The connection itself opens and ends transactions and listens.
	sql = "(^|[^A-Za-z])(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|" \
	    "CREATE|ALTER|DROP|TRUNCATE|COPY|CALL) +[A-Za-z_(*\"$]"
	html = "</?(a|abbr|b|body|br|button|code|div|em|form|h[1-6]|head|" \
	    "hr|html|i|iframe|img|input|label|li|link|meta|nav|ol|option|" \
	    "p|pre|script|section|select|span|strong|style|table|tbody|td|" \
	    "textarea|th|thead|time|title|tr|ul)([ >/]|$)"
	# The <time> element of the template engine is its own.
	markup_ok["server/base/tmpl_render.c"] = 1
}

FNR == 1 { comment = 0 }

{
	line = $0
	if (comment) {
		if (line !~ /\*\//)
			next
		sub(/^.*\*\//, "", line)
		comment = 0
	}
	text = ""
	while (match(line, /"([^"\\]|\\.)*"|'([^'\\]|\\.)*'|\/\*|\/\//)) {
		piece = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + RLENGTH)
		if (piece == "//")
			break
		if (piece == "/*") {
			if (line !~ /\*\//) {
				comment = 1
				break
			}
			sub(/^.*\*\//, "", line)
		} else if (piece ~ /^"/) {
			text = text substr(piece, 2, length(piece) - 2) "\n"
		}
	}
	if (text ~ sql && $0 !~ /g_str_has_prefix/)
		print FILENAME ":" FNR ": SQL in C: " text
	if (text ~ html && !(FILENAME in markup_ok))
		print FILENAME ":" FNR ": markup in C: " text
}
