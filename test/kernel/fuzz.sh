#!/bin/sh
# Runs each fuzz target for FUZZ_SECONDS and prints TAP: fuzz.sh target...
# An input that breaks a target is kept as build/TARGET-crash-...; what is learned
# stays in corpus/ and is built upon the next time.
cd "$(dirname "$0")" || exit 1
number=0
failed=0
for target in "$@"; do
	number=$((number + 1))
	log=build/fuzz_$target.log
	mkdir -p "corpus/$target"
	if "build/fuzz_$target" -max_total_time="${FUZZ_SECONDS:-10}" -timeout=60 \
		-max_len=1024 -detect_leaks=0 -dict=fuzz.dict -print_final_stats=1 \
		-artifact_prefix="build/$target-" "corpus/$target" "build/seeds/$target" \
		>"$log" 2>&1; then
		echo "ok $number - fuzz $target"
		sed -n 's/^stat::number_of_executed_units: */# inputs: /p' "$log"
	else
		echo "not ok $number - fuzz $target"
		grep -v '^#' "$log" | tail -40 | sed 's/^/# /'
		failed=1
	fi
done
echo "1..$number"
exit $failed
