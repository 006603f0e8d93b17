# Makes a load plan from a seed: lines of "SECONDS ITEMS" for the load script,
# endlessly. Variables: mode (idle, cpu, mixed), seed, vcpus.
#
# Most epochs keep the number of busy processes at or below the vCPUs, since a
# run queue beyond them cannot be seen from outside; some go above.

function between(low, high) { return low + int(rand() * (high - low + 1)) }
function chance(p) { return rand() < p }

function cpu_item(  workers) {
    workers = between(1, vcpus)
    if (chance(0.12))
        workers = vcpus + 1
    return "cpu:" workers ":" (chance(0.3) ? 100 : between(15, 90))
}

# Every kind comes up equally often within a round (a shuffled deck), so that a
# recording of a few minutes has seen all of them.
function shuffle(  i, j, t) {
    for (i = KINDS; i > 1; i--) {
        j = between(1, i)
        t = deck[i]; deck[i] = deck[j]; deck[j] = t
    }
}

function next_kind() {
    if (++card > KINDS) {
        shuffle()
        card = 1
    }
    return deck[card]
}

function item(kind) {
    if (kind == "cpu") return cpu_item()
    if (kind == "fork") return "fork:" between(20, 160)
    if (kind == "switch") return "switch:" between(200, 3000)
    if (kind == "fault") return "fault:" between(10, 60)
    if (kind == "vm") return "vm:" between(8, 40) ":" between(10, 60)
    if (kind == "read") return "read:" between(512, 8192)
    if (kind == "write") return "write:" between(512, 6144)
    if (kind == "buffers") return (chance(0.5) ? "drop+" : "") "buffers:" between(512, 6144)
    if (kind == "send") return "send:" between(64, 3000)
    if (kind == "recv") return "recv:" between(64, 3000)
    return "idle"
}

function light(kind) { return kind != "cpu" && kind != "vm" && kind != "fault" }

BEGIN {
    srand(seed)
    if (mode == "idle") {
        while (1) print "60 idle"
    }
    KINDS = split("idle cpu cpu fork switch fault vm read write buffers send recv", deck, " ")
    card = KINDS
    while (1) {
        if (mode == "cpu") {
            print between(10, 40), (chance(0.2) ? "idle" : cpu_item())
            continue
        }
        first = next_kind()
        line = item(first)
        # Combinations: a light item beside anything but idle.
        if (first != "idle" && chance(0.4)) {
            second = next_kind()
            if (second != first && second != "idle" && (light(first) || light(second)))
                line = line "+" item(second)
        }
        print between(10, 30), line
    }
}
