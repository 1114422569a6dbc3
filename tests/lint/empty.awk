# A row is read into the fields that have a column; what else is in the struct
# stays.  So one with a descriptor begins empty: without "= {0}" a field that a
# query does not tell is whatever was on the stack.
# usage: awk -f empty.awk FILE...; prints what is wrong.
match($0, /DESC_(STRUCT|PRIVATE)\([a-z_0-9]+/) {
	name = substr($0, RSTART, RLENGTH)
	sub(/.*\(/, "", name)
	known[name] = 1
}

/^\{$/ { inside = 1 }
/^\}/ { inside = 0 }

inside && /^\t+struct [a-z_0-9]+ [a-z]/ {
	declared = $0
	while (declared !~ /;/ && (getline more) > 0)
		declared = declared more
	split(declared, word, /[ \t]+/)
	type = word[3]
	sub(/^\t+struct [a-z_0-9]+ /, "", declared)
	gsub(/\{[^;]*\}|\([^;]*\)/, "", declared)
	n = split(declared, one, /[,;]/)
	for (i = 1; i <= n; i++)
		if (one[i] ~ /^[ \t]*[a-z_0-9]+[ \t]*$/)
			said[++says] = type "\t" FILENAME ":" FNR ": " type one[i] " is not empty at first"
}

END {
	for (i = 1; i <= says; i++) {
		split(said[i], part, "\t")
		if (part[1] in known)
			print part[2]
	}
}
