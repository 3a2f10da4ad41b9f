# Makes one program of all examples in the comments of public headers: a block of lines that begin
# with "///" and five blanks is the body of a function.
#
#     awk -f examples_of_headers.awk TOP/LAYER/include/pinfold/LAYER/NOUN.hpp...

function begin_block() {
    ++blocks
    printf "\nstatic void example_%d() {\n#line %d \"%s\"\n", blocks, FNR, FILENAME
    inside = 1
}

function end_block() {
    if (inside) print "}"
    inside = 0
}

BEGIN {
    print "#undef NDEBUG  // the examples assert"
    split("array atomic cassert chrono cstddef fstream functional map memory stdexcept stop_token string thread utility vector", headers, " ")
    for (i = 1; i in headers; ++i) printf "#include <%s>\n", headers[i]
    print "#include <sys/wait.h>\n#include <unistd.h>"
    for (i = 1; i < ARGC; ++i) {
        name = ARGV[i]
        sub(/^.*\/include\//, "", name)
        printf "#include <%s>\n", name
    }
}

FNR == 1 { end_block() }

/^ *\/\/\/     / {
    if (!inside) begin_block()
    sub(/^ *\/\/\/     /, "")
    print
    next
}

# A blank line of the comment may stand inside of a block.
inside && /^ *\/\/\/$/ { print ""; held = 1; next }

{ end_block() }

END {
    end_block()
    print "\nint main() {"
    for (i = 1; i <= blocks; ++i) printf "    example_%d();\n", i
    print "}"
}
