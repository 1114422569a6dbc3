# Makes generated/queries.h and generated/queries.c from sql/query/*.sql.
#
#   awk -f mkquery.awk -v out=generated/queries.h sql/query/*.sql
#   awk -f mkquery.awk -v out=generated/queries.c sql/query/*.sql
#
# A query begins `-- name: ticket_by_id :one` (kinds: one opt many exec
# bytes) and ends where the next begins.  Other comment lines are for people
# and are dropped.  The number of arguments is the highest $n.  A head that ends
# with "each" is planned at each run, by its arguments: for filters of which
# most are not given, where one plan for all would read everything.
# Also -v out=generated/migrations.c for sql/[0-9]*.sql.

function c_line(s) {
	gsub(/\\/, "&&", s)
	gsub(/"/, "\\\"", s)
	return "\t    \"" s "\\n\"\n"
}

function finish(    m, n, rest) {
	if (name == "")
		return
	n = 0
	rest = text
	while (match(rest, /\$[0-9]+/)) {
		m = substr(rest, RSTART + 1, RLENGTH - 1) + 0
		if (m > n)
			n = m
		rest = substr(rest, RSTART + RLENGTH)
	}
	count++
	names[count] = name
	kinds[count] = kind
	eachs[count] = each
	args[count] = n
	bodies[count] = body
}

FNR == 1 && migrations {
	split(FILENAME, path, "/")
	file = path[length(path)]
	mcount++
	mname[mcount] = file
}

migrations {
	mbody[mcount] = mbody[mcount] c_line($0)
	next
}

/^-- name: / {
	finish()
	name = $3
	kind = substr($4, 2)
	each = $5 == "each" ? "true" : "false"
	if (name !~ /^[a-z][a-z0-9_]*$/ || kind !~ /^(one|opt|many|exec|bytes)$/ ||
	    $5 !~ /^(each)?$/) {
		print FILENAME ":" FNR ": bad query head: " $0 > "/dev/stderr"
		bad = 1
		exit 1
	}
	if (seen[name]++) {
		print FILENAME ":" FNR ": query twice: " name > "/dev/stderr"
		bad = 1
		exit 1
	}
	text = ""
	body = ""
	next
}

/^[ \t]*--/ || /^[ \t]*$/ { next }

name != "" {
	text = text $0 "\n"
	body = body c_line($0)
}

END {
	if (bad)
		exit 1
	finish()
	print "/* Made by sql/mkquery.awk; do not edit. */" > out
	if (migrations) {
		print "#include \"db/migration_table.h\"\n" > out
		print "const struct migration migrations[] = {" > out
		for (i = 1; i <= mcount; i++)
			printf "\t{\"%s\",\n%s\t},\n", mname[i], mbody[i] > out
		printf "};\nconst unsigned migrations_n = %d;\n", mcount > out
	} else if (out ~ /\.h$/) {
		print "#ifndef QUERIES_H\n#define QUERIES_H\n\nenum db_query {" > out
		for (i = 1; i <= count; i++)
			printf "\tQ_%s,\n", toupper(names[i]) > out
		print "\tQ_COUNT\n};\n\n#endif" > out
	} else {
		print "#include \"db/query_table.h\"\n" > out
		print "const struct query_entry query_table[Q_COUNT] = {" > out
		for (i = 1; i <= count; i++)
			printf "\t{\"%s\", '%s', %d, %s,\n%s\t},\n", names[i], \
			    substr(kinds[i], 1, 1), args[i], eachs[i], bodies[i] > out
		print "};" > out
	}
}
