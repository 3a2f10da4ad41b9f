# The table of scripts/long/against, from Google Benchmark's files WHO.TURN.json: WHO is `this` or
# `other`, and TURN goes from 1 to the variable `turns`. The variable `commit` names the other.

# Google Benchmark writes a key a line.
function text_of(line) {
    sub(/^[^:]*: *"?/, "", line)
    sub(/"?,?$/, "", line)
    return line
}

# The name without what the library adds to it, which may differ between commits.
function case_of(name) {
    gsub(/\/(iterations|repeats|min_time|min_warmup_time):[0-9.]+/, "", name)
    gsub(/\/(manual_time|real_time|process_time)/, "", name)
    return name
}

FNR == 1 {
    parts = split(FILENAME, path, "/")
    split(path[parts], word, ".")
    who = word[1]
    turn = word[2]
}
/^ *"(run_)?name": / {
    name = case_of(text_of($0)) # run_name follows, and has not "_median" at its end
    counted = 0
}
# Of rounds and repetitions the last entry counts: their median.
/^ *"aggregate_name": / && text_of($0) != "median" { name = "" }
# A bench's own median, else the mean.
/^ *"(real_time|median_us|median_ms)": / && name != "" {
    if (!(name in number)) {
        number[name] = ++cases
        names[cases] = name
    }
    times[who, turn, name] = text_of($0)
    counted = /median_/
    if (counted) {
        unit[name] = /_us/ ? "us" : "ms"
    }
}
/^ *"time_unit": / && !counted { unit[name] = text_of($0) }

function sort(values, n,    i, j, value) {
    for (i = 2; i <= n; i++) {
        value = values[i]
        for (j = i - 1; j >= 1 && values[j] > value; j--) {
            values[j + 1] = values[j]
        }
        values[j + 1] = value
    }
}

function median(who, name,    turn, values, n) {
    n = 0
    for (turn = 1; turn <= turns; turn++) {
        if ((who, turn, name) in times) {
            values[++n] = times[who, turn, name] + 0
        }
    }
    sort(values, n)
    return values[int(n / 2) + 1]
}

END {
    width = 4
    for (i = 1; i <= cases; i++) {
        width = length(names[i]) > width ? length(names[i]) : width
    }
    printf "%-*s %12s %12s     %7s  %s\n", width, "", commit, "this tree", "ratio", "quartiles"
    for (i = 1; i <= cases; i++) {
        name = names[i]
        n = 0
        for (turn = 1; turn <= turns; turn++) {
            if (("other", turn, name) in times && ("this", turn, name) in times) {
                ratios[++n] = times["this", turn, name] / times["other", turn, name]
            }
        }
        if (n == 0) {
            alone = alone "\n  " name
            continue
        }
        sort(ratios, n)
        quarter = int(n / 4)
        printf "%-*s %12.4g %12.4g %s  %7.3f  %.3f to %.3f\n", width, name, median("other", name),
            median("this", name), unit[name], ratios[int(n / 2) + 1], ratios[quarter + 1],
            ratios[n - quarter]
    }
    if (alone) {
        print "Only one of the two has" alone
    }
}
