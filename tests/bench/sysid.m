% SPDX-License-Identifier: MIT
%
% CPU seconds of arx of Octave's control package on the bench's data.
%   octave-cli sysid.m DATA
1;
pkg load control

function put (name, value)
  printf ("%s %.6g\n", name, value);
end

f = fopen (argv (){1}, "rb");
data = reshape (fread (f, Inf, "double"), [], 4);
fclose (f);

for inputs = [1 3]
  set = iddata (data(:,1), data(:,2:1+inputs), 1);
  least = Inf;
  for run = 1:3
    begin = cputime ();
    arx (set, "na", 20, "nb", 17, "nk", 49);
    least = min (least, cputime () - begin);
  end
  put (sprintf ("octave%d", inputs), least);
end

set = iddata (data(1:10000,1), data(1:10000,2), 1);
begin = cputime ();
for na = 1:10
  for nb = 1:10
    for nk = 0:9
      arx (set, "na", na, "nb", nb, "nk", nk);
    end
  end
end
put ("octave_search", cputime () - begin);
