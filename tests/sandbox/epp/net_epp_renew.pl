#!/usr/bin/perl
# Renews one name with a stock client (Net::EPP, Debian's libnet-epp-perl): greeting, login, info, renew with the
# expiry just read, logout. Prints the code of the renewal and the new expiry.
# Arguments: host, port, authority's PEM file, id, password, name, period, its unit; then, for mutual TLS, a PEM file
# with certificate and key.
use strict;
use warnings;
use Net::EPP::Client;
use Net::EPP::Frame;

my ($host, $port, $authority, $id, $password, $name, $period, $unit, $certificate) = @ARGV;

my $client = Net::EPP::Client->new(host => $host, port => $port, ssl => 1, frames => 1);
my %tls = (SSL_ca_file => $authority, SSL_verify_mode => 1);
$tls{SSL_cert_file} = $tls{SSL_key_file} = $certificate if $certificate;
my $greeting = $client->connect(%tls) or die "no greeting\n";

my $login = Net::EPP::Frame::Command::Login->new;
$login->clID->appendText($id);
$login->pw->appendText($password);
$login->version->appendText('1.0');
$login->lang->appendText('en');
for my $uri ($greeting->getElementsByTagName('objURI')) {
    my $wanted = $login->createElement('objURI');
    $wanted->appendText($uri->textContent);
    $login->svcs->appendChild($wanted);
}
ask($login);

my $info = Net::EPP::Frame::Command::Info::Domain->new;
$info->setDomain($name);
my ($expiry) = map { $_->textContent } ask($info)->getElementsByLocalName('exDate');

my $renew = Net::EPP::Frame::Command::Renew::Domain->new;
$renew->setDomain($name);
$renew->setCurExpDate(substr($expiry, 0, 10));
my $element = $renew->createElement('domain:period');
$element->setAttribute('unit', $unit);
$element->appendText($period);
$renew->getElementsByLocalName('renew')->[1]->appendChild($element);
my $renewed = ask($renew);
print code($renewed), ' ', ($renewed->getElementsByLocalName('exDate'))[0]->textContent, "\n";

ask(Net::EPP::Frame::Command::Logout->new);
$client->disconnect;

# Gives a command a transaction id of its own, sends it, and stops at the first refusal.
my $number;
sub ask {
    my ($command) = @_;
    $command->clTRID->appendText(sprintf('net-epp-%d-%04d', $$, ++$number));
    my $answer = $client->request($command);
    die "refused: ", $answer->toString, "\n" if code($answer) >= 2000;
    return $answer;
}

sub code {
    my ($answer) = @_;
    return ($answer->getElementsByTagName('result'))[0]->getAttribute('code');
}
