#include "cli/flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <stdexcept>

#include "base/config_schema.h"

namespace oarlock {
namespace {

const ConfigRow& RowOf(std::string_view scope, std::string_view key) {
  const ConfigRow* row = FindConfigRow(scope, key);
  if (row == nullptr || row->flag.empty()) throw std::logic_error(fmt::format("no flag {}.{}", scope, key));
  return *row;
}

template <typename T>
CLI::Option* AddTo(CLI::App* app, std::string_view scope, std::string_view key, T* value) {
  const ConfigRow& row = RowOf(scope, key);
  std::string doc(row.doc);
  if (!row.value.empty()) doc += fmt::format(" Default: {}.", row.value);
  return app->add_option(std::string(row.flag), *value, doc)->option_text(std::string(row.metavar));
}

}  // namespace

void Flags::Positional(const std::string& name, std::string_view doc, bool required, std::string* value) {
  app_->add_option(name, *value, std::string(doc))->required(required);
}

void Flags::Add(std::string_view scope, std::string_view key, std::string* value) { AddTo(app_, scope, key, value); }

void Flags::AddNonEmpty(std::string_view scope, std::string_view key, std::string* value) {
  AddTo(app_, scope, key, value)->check([](const std::string& text) { return text.empty() ? "it is empty" : ""; });
}

void Flags::Add(std::string_view scope, std::string_view key, std::vector<std::string>* values) {
  AddTo(app_, scope, key, values)->expected(1)->take_all();
}

void Flags::AddMany(std::string_view scope, std::string_view key, std::vector<std::string>* values) {
  AddTo(app_, scope, key, values)->expected(1, -1);
}

void Flags::Add(std::string_view scope, std::string_view key, uint64_t* value) { AddTo(app_, scope, key, value); }

void Flags::Add(std::string_view scope, std::string_view key, int smallest, int largest, int* value) {
  AddTo(app_, scope, key, value)->check(CLI::Range(smallest, largest));
}

void Flags::Add(std::string_view scope, std::string_view key, double smallest, double largest, double* value) {
  AddTo(app_, scope, key, value)->check(CLI::Range(smallest, largest));
}

void Flags::Switch(std::string_view scope, std::string_view key, bool* value) {
  const ConfigRow& row = RowOf(scope, key);
  app_->add_flag(std::string(row.flag), *value, std::string(row.doc));
}

void Flags::Exclude(const std::string& flag, const std::string& other) {
  app_->get_option(flag)->excludes(app_->get_option(other));
}

void Flags::Need(const std::string& flag, const std::string& other) {
  app_->get_option(flag)->needs(app_->get_option(other));
}

void Flags::Footer(const std::string& text) { app_->footer(text); }

}  // namespace oarlock
