#include "model/support/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace tbench {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

class WholeFile : public testing::Test {
 protected:
  void SetUp() override { fs::create_directory(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  std::ptrdiff_t FilesInFolder() const { return std::distance(fs::directory_iterator(folder_), {}); }

  const fs::path folder_ = testing::TempDir() + "whole_file_test." + std::to_string(getpid());
  const fs::path file_ = folder_ / "run.json";
};

TEST_F(WholeFile, IsReadBackAsItWasWritten) {
  std::string text(200'000, 'x');
  for (std::size_t i = 0; i < text.size(); i += 7) text[i] = char(i);
  WriteWholeFile(file_, text);
  EXPECT_EQ(ReadFile(file_), text);
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(WholeFile, ReplacesAllOfALongerOne) {
  WriteWholeFile(file_, std::string(100'000, 'x'));
  WriteWholeFile(file_, "short");
  EXPECT_EQ(ReadFile(file_), "short");
  WriteWholeFile(file_, "");
  EXPECT_EQ(ReadFile(file_), "");
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(WholeFile, LeavesAReaderOfTheOldOneUndisturbed) {
  WriteWholeFile(file_, "old");
  std::ifstream reader(file_);
  WriteWholeFile(file_, "new");
  std::string content;
  reader >> content;
  EXPECT_EQ(content, "old");
}

TEST_F(WholeFile, CanBeNamedRelativeToTheWorkingFolder) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  WriteWholeFile("plain.txt", "x");
  fs::current_path(before);
  EXPECT_EQ(ReadFile(folder_ / "plain.txt"), "x");
}

TEST_F(WholeFile, NamesItsPathAndTheReasonWhereItCannotBeWritten) {
  WriteWholeFile(file_, "a file and no folder");
  EXPECT_THAT([&] { WriteWholeFile(file_ / "below", "x"); },
              ThrowsMessage<std::runtime_error>(AllOf(HasSubstr((file_ / "below").string()), HasSubstr("directory"))));
  EXPECT_THAT([&] { WriteWholeFile(folder_ / "missing" / "run.json", "x"); },
              ThrowsMessage<std::runtime_error>(HasSubstr((folder_ / "missing" / "run.json").string())));
  EXPECT_EQ(ReadFile(file_), "a file and no folder");
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(WholeFile, LeavesNothingBesideAFolderThatItCannotReplace) {
  fs::create_directory(file_);
  EXPECT_THAT([&] { WriteWholeFile(file_, "x"); }, ThrowsMessage<std::runtime_error>(HasSubstr(file_.string())));
  EXPECT_TRUE(fs::is_directory(file_));
  EXPECT_EQ(FilesInFolder(), 1);
}

// A file that may not grow stands for a full disk. SIGXFSZ, which would end the program, is not ignored here.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(WholeFile, IsWhatItWasBeforeIfTheDiskIsFull) {
  WriteWholeFile(file_, "precious");
  std::string message;
  {
    const SizeLimit limit(4096);
    try {
      WriteWholeFile(file_, std::string(10'000, 'x'));
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
  }
  EXPECT_EQ(std::signal(SIGXFSZ, SIG_DFL), SIG_DFL) << "as it was before";
  EXPECT_THAT(message, AllOf(HasSubstr(file_.string()), HasSubstr("too large")));
  EXPECT_EQ(ReadFile(file_), "precious");
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(WholeFile, NamesItsPathAndTheReasonWhereItCannotBeRead) {
  EXPECT_THAT([&] { ReadFile(file_); },
              ThrowsMessage<std::runtime_error>(AllOf(HasSubstr(file_.string()), HasSubstr("No such file"))));
  EXPECT_THAT([&] { ReadFile(folder_); },
              ThrowsMessage<std::runtime_error>(AllOf(HasSubstr(folder_.string()), HasSubstr("directory"))));
}

TEST_F(WholeFile, OfAFolderIsNotWrittenThroughALink) {
  WriteWholeFile(folder_ / "elsewhere", "precious");
  fs::create_symlink(folder_ / "elsewhere", file_);
  WriteWholeFile(file_, "new");
  EXPECT_FALSE(fs::is_symlink(file_));
  EXPECT_EQ(ReadFile(folder_ / "elsewhere"), "precious");
}

TEST_F(WholeFile, OfAFolderIsNotReadThroughALink) {
  WriteWholeFile(folder_ / "elsewhere", "secret");
  fs::create_symlink(folder_ / "elsewhere", file_);
  EXPECT_THAT([&] { ReadFile(file_); }, ThrowsMessage<std::runtime_error>(HasSubstr("it is a link")));
  EXPECT_THAT([&] { ReadEnd(file_, 1); }, ThrowsMessage<std::runtime_error>(HasSubstr("it is a link")));
  EXPECT_EQ(ReadFile(file_, Named::kByUser), "secret");
}

TEST_F(WholeFile, IsReadUpToOneGibibyte) {
  WriteWholeFile(file_, "");
  fs::resize_file(file_, (std::uintmax_t{1} << 30) + 1);  // of holes
  for (const Named named : {Named::kInFolder, Named::kByUser}) {
    EXPECT_THAT([&] { ReadFile(file_, named); }, ThrowsMessage<std::runtime_error>(HasSubstr("larger than 1 GiB")));
  }
  EXPECT_EQ(ReadEnd(file_, 2).size(), 2);
}

TEST_F(WholeFile, DoesNotFollowALinkInPlaceOfItsPartialOne) {
  WriteWholeFile(folder_ / "elsewhere", "precious");
  fs::create_symlink(folder_ / "elsewhere", file_.string() + "." + std::to_string(getpid()) + ".partial");
  WriteWholeFile(file_, "new");
  EXPECT_EQ(ReadFile(folder_ / "elsewhere"), "precious");
  EXPECT_EQ(FilesInFolder(), 2);
}

TEST_F(WholeFile, HasTheModeOfTheUmaskOrOfTheOldOne) {
  const mode_t before = umask(002);
  WriteWholeFile(file_, "x");
  EXPECT_EQ(fs::status(file_).permissions(), fs::perms(0664));
  fs::permissions(file_, fs::perms(0600));
  WriteWholeFile(file_, "y");
  EXPECT_EQ(fs::status(file_).permissions(), fs::perms(0600));
  umask(before);
}

TEST_F(WholeFile, IsReadOnlyIfItIsRegular) {
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);  // nobody writes to it: a reader would wait for ever
  EXPECT_THAT([&] { ReadFile(file_); }, ThrowsMessage<std::runtime_error>(HasSubstr("no regular file")));
  EXPECT_THAT([&] { ReadEnd(file_, 1); }, ThrowsMessage<std::runtime_error>(HasSubstr("no regular file")));
  EXPECT_THAT([&] { ReadFile("/dev/zero"); }, ThrowsMessage<std::runtime_error>(HasSubstr("no regular file")));
}

TEST_F(WholeFile, IsReadFromItsEnd) {
  WriteWholeFile(file_, "0123456789");
  EXPECT_EQ(ReadEnd(file_, 3), "789");
  EXPECT_EQ(ReadEnd(file_, 100), "0123456789");
}

TEST(WriteWholeFile, WritesThroughALinkToWhatItNames) {
  const fs::path target = testing::TempDir() + "whole_file_test." + std::to_string(getpid());
  const fs::path link = target.string() + ".link";
  WriteWholeFile(target, "old");
  fs::create_symlink(target, link);
  WriteWholeFile(link, "new", Named::kByUser);
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(ReadFile(target), "new");
  fs::remove(link);
  fs::remove(target);
}

TEST(WriteWholeFile, WritesIntoADeviceAndDoesNotReplaceIt) {
  WriteWholeFile("/dev/null", "text", Named::kByUser);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_THROW(WriteWholeFile("/dev/full", "text", Named::kByUser), std::runtime_error);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

}  // namespace
}  // namespace tbench
