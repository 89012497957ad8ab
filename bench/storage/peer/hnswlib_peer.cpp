// hnswlib on the same raw files as Sutra's index, told what to do line by line on standard input, so that both can take turns.
//   hnswlib_peer BASE.f32 QUERIES.f32 DIM
//   build M EFC THREADS     -> wall_s cpu_s bytes_per_vector
//   save PATH, load PATH    -> wall_s cpu_s
//   search EF K OUT.u32     -> wall_s cpu_s            (all queries, one thread; K ids each into OUT)
//   sweep EF K FILTER.u8 OUT.u32 -> wall_s cpu_s       (a byte a row: 1 = allowed)
//   exact K FILTER.u8 OUT.u32    -> wall_s cpu_s       (scan of the allowed rows with hnswlib's own distance)
//   queries N               -> ok                      (how many of the queries the next commands use)
#include <atomic>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>
#include <time.h>
#include <unistd.h>
#include "hnswlib/hnswlib.h"

static double now(clockid_t clock) { timespec t; clock_gettime(clock, &t); return t.tv_sec + t.tv_nsec * 1e-9; }

template <class T> static std::vector<T> read(const std::string& path) {
  std::ifstream f(path, std::ios::binary | std::ios::ate);
  if (!f) { perror(path.c_str()); exit(1); }
  std::vector<T> v(f.tellg() / sizeof(T));
  f.seekg(0);
  f.read((char*)v.data(), v.size() * sizeof(T));
  return v;
}

static double resident() { // bytes
  std::ifstream f("/proc/self/statm");
  double total, pages;
  f >> total >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

struct Allowed : hnswlib::BaseFilterFunctor {
  const std::vector<uint8_t>& rows;
  explicit Allowed(const std::vector<uint8_t>& r) : rows(r) {}
  bool operator()(hnswlib::labeltype id) override { return rows[id] != 0; }
};

int main(int argc, char** argv) {
  if (argc < 4) { fprintf(stderr, "hnswlib_peer BASE QUERIES DIM\n"); return 2; }
  auto base = read<float>(argv[1]);
  auto queries = read<float>(argv[2]);
  size_t dim = atoi(argv[3]), n = base.size() / dim, nq = queries.size() / dim;
  hnswlib::InnerProductSpace space(dim);
  std::unique_ptr<hnswlib::HierarchicalNSW<float>> index;
  std::cout << "ready " << n << " " << nq << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream in(line);
    std::string command;
    in >> command;
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    auto elapsed = [&] {
      char text[128];
      snprintf(text, sizeof text, "%.6f %.6f", now(CLOCK_MONOTONIC) - wall, now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
      return std::string(text);
    };
    // The file is whole before the answer says so.
    auto answer = [&](const std::string& times, const std::vector<uint32_t>& ids, const std::string& path) {
      std::ofstream(path, std::ios::binary).write((const char*)ids.data(), ids.size() * 4);
      std::cout << times << std::endl;
    };
    if (command == "queries") {
      in >> nq;
      nq = std::min(nq, queries.size() / dim);
      std::cout << "ok" << std::endl;
    } else if (command == "build") {
      size_t m, efc, threads;
      in >> m >> efc >> threads;
      index.reset();
      double before = resident();
      wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
      index = std::make_unique<hnswlib::HierarchicalNSW<float>>(&space, n, m, efc);
      std::atomic<size_t> next(0);
      std::vector<std::thread> pool;
      for (size_t t = 0; t < threads; t++)
        pool.emplace_back([&] { for (size_t i; (i = next++) < n;) index->addPoint(&base[i * dim], i); });
      for (auto& t : pool) t.join();
      std::string times = elapsed();
      std::cout << times << " " << (resident() - before) / n << std::endl;
    } else if (command == "save" || command == "load") {
      std::string path;
      in >> path;
      if (command == "save") index->saveIndex(path);
      else index = std::make_unique<hnswlib::HierarchicalNSW<float>>(&space, path);
      std::cout << elapsed() << std::endl;
    } else if (command == "search" || command == "sweep") {
      size_t ef, k;
      std::string filter, out;
      in >> ef >> k;
      if (command == "sweep") in >> filter;
      in >> out;
      auto rows = filter.empty() ? std::vector<uint8_t>() : read<uint8_t>(filter);
      Allowed allowed(rows);
      std::vector<uint32_t> ids(nq * k, UINT32_MAX);
      index->setEf(ef);
      wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
      for (size_t q = 0; q < nq; q++) {
        auto found = index->searchKnn(&queries[q * dim], k, filter.empty() ? nullptr : &allowed);
        for (size_t i = 0; !found.empty(); found.pop()) ids[q * k + i++] = (uint32_t)found.top().second;
      }
      answer(elapsed(), ids, out);
    } else if (command == "exact") {
      size_t k;
      std::string filter, out;
      in >> k >> filter >> out;
      auto rows = read<uint8_t>(filter);
      std::vector<uint32_t> list, ids(nq * k, UINT32_MAX);
      for (size_t i = 0; i < n; i++) if (rows[i]) list.push_back(i);
      auto distance = space.get_dist_func();
      wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
      for (size_t q = 0; q < nq; q++) {
        std::priority_queue<std::pair<float, uint32_t>> best;
        for (uint32_t i : list) {
          float d = distance(&queries[q * dim], &base[i * dim], space.get_dist_func_param());
          if (best.size() < k) best.emplace(d, i);
          else if (d < best.top().first) { best.pop(); best.emplace(d, i); }
        }
        for (size_t i = 0; !best.empty(); best.pop()) ids[q * k + i++] = best.top().second;
      }
      answer(elapsed(), ids, out);
    } else {
      std::cout << "unknown command" << std::endl;
    }
  }
}
