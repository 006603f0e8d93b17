% SPDX-License-Identifier: MIT
%
% Writes tests/data/sysid/octave.txt: data and the models that the arx function
% of Octave's control package fits to them, for structures where its rows are
% ours. (It estimates on t > nk - 1 + max (na, nb), we on t > max (na, nb + nk -
% 1): equal when the largest nb is not below na. Its "nk" is ours less 1.)
%
%   octave-cli tests/unit/sysid/expected.m > tests/data/sysid/octave.txt
1;
pkg load control

function put (name, values)
  printf ("%s %d\n", name, numel (values));
  printf ("%.17g\n", values);
end

% Coefficients a_1 .. a_na, then b of each input from delay nk on.
function theta = coefficients (sys, na, nb, nk)
  [num, den] = filtdata (sys, "cell");
  theta = den{1,1}(2:na+1)(:);
  for i = 1:numel (nb)
    b = [num{1,i}(:); zeros(nk + nb(i), 1)];
    theta = [theta; b(nk+1:nk+nb(i))];
  end
end

rand ("twister", 7);
randn ("twister", 7);
n = 300;
u = filter (1, [1 -0.8], randn (n, 3));
y = filter (1, [1 -1.3 0.6], filter ([0 0 0.5 0.25], 1, u(:,1)) ...
            + filter ([0 1], 1, u(:,2)) - 0.3 * u(:,3) + 0.4 * randn (n, 1));
put ("y", y);
put ("u", u);

% One input, [2 3 2].
sys = arx (iddata (y, u(:,1), 1), "na", 2, "nb", 3, "nk", 1);
put ("siso", coefficients (sys, 2, 3, 2));

% Three inputs, na 4, nb 4 2 6, nk 1.
sys = arx (iddata (y, u, 1), "na", 4, "nb", [4 2 6], "nk", 0);
put ("miso", coefficients (sys, 4, [4 2 6], 1));

% Two experiments: samples 1..120 and 141..300; [3 5 4].
sys = arx (iddata ({y(1:120), y(141:300)}, {u(1:120,2), u(141:300,2)}, 1), ...
           "na", 3, "nb", 5, "nk", 3);
put ("two", coefficients (sys, 3, 5, 4));
