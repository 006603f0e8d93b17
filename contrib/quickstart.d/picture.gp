# Measured in the guests against inferred from the host, one row a counter, one
# column a guest. Variables: data (the directory of the trainer's --export,
# GUEST-COUNTER.tsv with time, measured, published, model, best) and picture.
counters = "cpu net_rx disk_read page_faults contextswitch load processes"
titles = "'CPU, %' 'received, kB/s' 'disk read, kB/s' 'page faults, 1/s' 'switches, 1/s' 'load' 'processes'"
scales = "1 1000 1000 1 1 1 1"
guests = "demo1 demo2"

set terminal pngcairo size 1200,1630 font "sans,9" background "white"
set output picture
set datafile missing "nan"
set multiplot layout words(counters),words(guests) title "Measured in the guest, and inferred from the host" font "sans,13"
set grid lc rgb "#dddddd"
set key at graph 1,1.16 right horizontal samplen 2
set tics nomirror
set lmargin 10
set xlabel 'seconds' offset 0,0.7
set yrange [0:*]
do for [i=1:words(counters)] {
    do for [g=1:words(guests)] {
        file = sprintf("%s/%s-%s.tsv", data, word(guests, g), word(counters, i))
        scale = real(word(scales, i))
        stats file using 1 nooutput
        start = STATS_min
        set title sprintf("guest %s: %s", word(guests, g), word(titles, i)) offset -25
        # The line at zero is there even where nothing is known, as of the
        # disks of guests without an agent.
        plot 0 with lines lc rgb "#dddddd" notitle, \
             file using ($1-start):($2/scale) with lines lw 2 lc rgb "#1f4e9c" title "measured", \
             file using ($1-start):($3/scale) with lines lw 1.5 lc rgb "#d95f02" title "published", \
             file using ($1-start):($4/scale) with lines lw 1.2 lc rgb "#66a61e" dt 2 title "model alone"
    }
}
unset multiplot
