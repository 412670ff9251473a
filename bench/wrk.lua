-- What wrk sends: the raw requests of a file, in their order. Arguments: the file, how many to send (0: no end).
-- Ten @ in a request become its number, so that each comment has a text of its own.
local ffi = require("ffi")
ffi.cdef [[
typedef struct { long s; long ns; } bench_time;
int clock_gettime(int clock, bench_time *time);
int getpid(void);
int kill(int pid, int signal);
]]
local MONOTONIC, INTERRUPT, MARK = 1, 2, "@@@@@@@@@@"
local threads, requests, marked = {}, {}, false
local time = ffi.new("bench_time")

local function now()
  ffi.C.clock_gettime(MONOTONIC, time)
  return tonumber(time.s) + tonumber(time.ns) / 1e9
end

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  for length in function() return file:read("*l") end do
    table.insert(requests, file:read(tonumber(length)))
  end
  file:close()
  most, first, sent, begun, ended = tonumber(args[2]), tonumber(args[3]), 0, 0, 0
  marked = requests[1]:find(MARK, 1, true) ~= nil
end

function request()
  if sent == 0 then begun = now() end
  local text = requests[sent % #requests + 1]
  sent = sent + 1
  if marked then
    text = text:gsub(MARK, string.format("%010d", first + sent), 1)
  end
  if sent == most then -- all were sent: tell how long it took, and end without waiting for the time to be over
    ended = now()
    ffi.C.kill(ffi.C.getpid(), INTERRUPT)
  end
  return text
end

function done(summary, latency)
  local errors, thread = summary.errors, threads[1]
  local seconds, answers, bytes = summary.duration / 1e6, summary.requests, summary.bytes
  if thread:get("ended") > 0 then -- those sent again while it ended are not counted
    seconds = thread:get("ended") - thread:get("begun")
    answers, bytes = thread:get("most"), bytes / answers * thread:get("most")
  end
  io.write(string.format(
    '\nBENCH {"answers": %d, "bytes": %d, "seconds": %.6f, "sent": %d, "p50": %.3f, "p99": %.3f, "failed": %d}\n',
    answers, bytes, seconds, thread:get("sent"),
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
