# For tests that need a build of their own: copies the sources of $TOP to $TREE,
# a folder of build/, because Automake refuses to build beside a tree that is
# itself configured.  Sourced by bash.

sources() { # NUL-separated, sorted
	if [ -e .git ] && command -v git >/dev/null; then
		git -c safe.directory='*' ls-files -coz --exclude-standard
	else
		find . \( -path ./build -o -path ./var -o -name node_modules \
			-o -name '*.o' \) -prune -o -type f -print0
	fi | sort -zu | while IFS= read -rd '' f; do
		[ -e "$f" ] && printf '%s\0' "$f"
	done
}

# Times stay, so that make builds only what changed; what is gone here goes.
copy() {
	mkdir -p "$TREE" && cd "$TOP" || return
	sources >"$TREE.new" || return
	[ -e "$TREE.list" ] && comm -z23 "$TREE.list" "$TREE.new" |
		(cd "$TREE" && xargs -0r rm -f)
	tar -c --null -T "$TREE.new" | tar -x -C "$TREE" || return
	mv "$TREE.new" "$TREE.list"
	# Samples that may lie beside the source tree are looked for there.
	[ ! -d "$TOP/../shared" ] || ln -sfn ../../shared "$TOP/build/shared"
	[ ! -d "$TOP/tests/node_modules" ] ||
		ln -sfn "$TOP/tests/node_modules" "$TREE/tests/node_modules"
}
