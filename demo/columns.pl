# Read the header line of a CSV file and find who, what and when in it.
#
#   perl columns.pl [USER,EVENT,TIME] < FILE
#
# Prints four lines: the delimiter, the columns of a table to copy the file into, the
# select list that turns that table into events, and what was taken for what.
use strict;
use warnings;
use Text::ParseWords;

my @wanted = split /,/, shift // '';

# Names that logs usually have, the likeliest first.
my @usual = (
	[qw(user_id user userid uid customer_id customer client_id account_id member_id
		visitor_id case_id case case:concept:name)],
	[qw(event event_name activity concept:name action event_type type)],
	[qw(at time event_time timestamp ts datetime date time:timestamp created_at
		occurred_at purchased_on)]);

my $header = <STDIN> // die "error: the file is empty\n";
$header =~ s/^\xEF\xBB\xBF//;
$header =~ s/[\r\n]+$//;
my ($delimiter) = sort { split_header($b) <=> split_header($a) } ',', ';', "\t";
my @names = split_header($delimiter);
die "error: the file needs three columns: user, event, time\n" if @names < 3;

sub split_header { return parse_line(quotemeta shift, 0, $header); }

# The column of each part: as told, else by name, else the first that is not taken.
my @column;
for my $part (0 .. 2)
{
	my @look = @wanted ? ($wanted[$part] // '') : @{ $usual[$part] };
	for my $name (@look)
	{
		($column[$part]) = grep { lc $names[$_] eq lc $name } 0 .. $#names;
		last if defined $column[$part];
	}
	die "error: no column \"$look[0]\" in the file; it has: @names\n"
	  if @wanted && !defined $column[$part];
}
for my $part (0 .. 2)
{
	my %taken = map { $_ => 1 } grep { defined } @column;
	$column[$part] //= (grep { !$taken{$_} } 0 .. $#names)[0];
}

my @part = qw(user_id event at);
my $at = "c$column[2]";
my @select = (
	"c$column[0] AS user_id",
	"c$column[1] AS event",
	# epoch milliseconds, epoch seconds, or a time as PostgreSQL reads it
	"CASE WHEN $at ~ '^\\d{13}\$' THEN to_timestamp($at\::float8 / 1000)"
	  . " WHEN $at ~ '^\\d{9,10}(\\.\\d+)?\$' THEN to_timestamp($at\::float8)"
	  . " ELSE $at\::timestamptz END AS at");

# The other columns stay as they are.
my %seen = map { $_ => 1 } @part, @names[@column];
for my $i (0 .. $#names)
{
	next if $seen{ $names[$i] }++ || $names[$i] eq '';
	push @select, "c$i AS \"" . $names[$i] =~ s/"/""/gr . '"';
}

print "$delimiter\n";
print join(', ', map { "c$_ text" } 0 .. $#names), "\n";
print join(', ', @select), "\n";
print join(', ', map { "$part[$_] = $names[$column[$_]]" } 0 .. 2), "\n";
